/* Belay with the roles of a machine that serves the API, on the database given; it counts and logs as it does in production. */
import { createLogger, startBelay } from "@belay/server";
import { benchMasterKey } from "../support/master-key.ts";

const [, , target, databaseUrl = ""] = process.argv;
process.env["BENCH_TARGET"] = target;
const belay = await startBelay({
  config: new URL("./belay.config.ts", import.meta.url).href,
  database: { kind: "postgres", url: databaseUrl },
  adminToken: "bench-bench-bench",
  masterKey: benchMasterKey,
  roles: ["ingest", "web"],
  logger: createLogger("warn"),
});
process.on("disconnect", () => {
  belay.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.send?.({ url: belay.url });
