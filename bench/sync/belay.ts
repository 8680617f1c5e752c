/* Belay in one process, on the database and with the configuration given. Each question makes a sync walk once; the first walk of each begins by itself. */
import { createLogger, startBelay } from "@belay/server";
import { createBelayClient } from "@belay/sdk/client";
import { setTimeout as sleep } from "node:timers/promises";
import { benchMasterKey } from "../support/master-key.ts";
import type { Asked } from "./questions.ts";

const [, , provider, databaseUrl = "", config = new URL("./belay.config.ts", import.meta.url).href] = process.argv;
process.env["BENCH_PROVIDER"] = provider;
const adminToken = "bench-bench-bench";
const walked = new Map<string, number>();

const belay = await startBelay({
  config: new URL(config),
  database: { kind: "postgres", url: databaseUrl },
  adminToken,
  masterKey: benchMasterKey,
  logger: createLogger("error"),
});
const client = createBelayClient({ url: belay.url, token: adminToken });

/** Waits for the end of the next walk. */
async function walk({ sync, connection }: Asked): Promise<object> {
  const at = { tenant: "acme", connection };
  const before = walked.get(sync) ?? 0;
  if (before > 0) await client.runSync(sync, at);
  for (;;) {
    const [newest] = await client.walks(sync, at);
    if (newest !== undefined && newest.id > before && newest.state !== "open") {
      walked.set(sync, newest.id);
      return newest;
    }
    await sleep(100);
  }
}

process.on("message", (asked: Asked) => {
  walk(asked).then(
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
