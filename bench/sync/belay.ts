/* Belay in one process, on the database given. Each question makes it walk once; the first walk begins by itself. */
import { createLogger, startBelay } from "@belay/server";
import { createBelayClient } from "@belay/sdk/client";
import { setTimeout as sleep } from "node:timers/promises";
import { benchMasterKey } from "../support/master-key.ts";

const [, , provider, databaseUrl = ""] = process.argv;
process.env["BENCH_PROVIDER"] = provider;
const adminToken = "bench-bench-bench";
const at = { tenant: "acme", connection: "acme-crm" };
let walked = 0;

const belay = await startBelay({
  config: new URL("./belay.config.ts", import.meta.url),
  database: { kind: "postgres", url: databaseUrl },
  adminToken,
  masterKey: benchMasterKey,
  logger: createLogger("error"),
});
const client = createBelayClient({ url: belay.url, token: adminToken });

/** Waits for the end of the next walk. */
async function walk(): Promise<object> {
  if (walked > 0) await client.runSync("contacts", at);
  for (;;) {
    const [newest] = await client.walks("contacts", at);
    if (newest !== undefined && newest.id > walked && newest.state !== "open") {
      walked = newest.id;
      return newest;
    }
    await sleep(100);
  }
}

process.on("message", () => {
  walk().then(
    (newest) => process.send?.(newest),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => {
  belay.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.send?.({ ok: true });
