/* Belay in one process, on the database given. */
import { createLogger, startBelay } from "@belay/server";
import { benchMasterKey } from "../support/master-key.ts";
import type { BelayPartOptions } from "./parts.ts";

const [, , target, mailboxes, databaseUrl = "", optionsText = "{}"] = process.argv;
const {
  roles,
  flows,
  dispatcher,
  leaseMs,
  config = new URL("./belay.config.ts", import.meta.url).href,
  clockOffsetMs = 0,
} = JSON.parse(optionsText) as BelayPartOptions;
process.env["BENCH_TARGET"] = target;
process.env["BENCH_MAILBOXES"] = mailboxes;
const belay = await startBelay({
  config,
  database: { kind: "postgres", url: databaseUrl, clockOffsetMs },
  adminToken: "bench-bench-bench",
  masterKey: benchMasterKey,
  ...(roles && { roles }),
  ...(flows && { flows }),
  dispatcher: { ...dispatcher, ...(leaseMs !== undefined && { leaseMs }) },
  logger: createLogger("error"),
});
process.on("disconnect", () => {
  belay.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.send?.({ url: `${belay.url}/in` });
