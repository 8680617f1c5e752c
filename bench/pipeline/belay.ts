/* Belay in one process with the roles given, on the database given. */
import { createLogger, startBelay } from "@belay/server";

const [, , target, mailboxes, databaseUrl = "", roles = "ingest,worker,web"] = process.argv;
process.env["BENCH_TARGET"] = target;
process.env["BENCH_MAILBOXES"] = mailboxes;
const belay = await startBelay({
  config: new URL("./belay.config.ts", import.meta.url),
  database: { kind: "postgres", url: databaseUrl },
  adminToken: "bench",
  roles: roles.split(",") as ("ingest" | "worker" | "web")[],
  logger: createLogger("error"),
});
process.on("disconnect", () => {
  belay.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.send?.({ url: `${belay.url}/in` });
