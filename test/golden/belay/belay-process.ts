/**
 * A Belay as a process of its own, so that it can be killed. Everything it needs comes by the environment; it ends with its parent.
 *
 * @module
 */
import { createLogger, startBelay } from "@belay/server";

process.once("disconnect", () => process.exit(0));
const belay = await startBelay({
  config: new URL(read("GOLDEN_CONFIG")),
  database: { kind: "postgres", url: read("GOLDEN_DATABASE") },
  http: { port: Number(read("GOLDEN_PORT")) },
  adminToken: read("GOLDEN_TOKEN"),
  masterKey: `golden:${Buffer.alloc(32, "golden").toString("base64")}`,
  logger: createLogger("error"),
});
process.once("SIGTERM", () => void belay.close(10_000).then(() => process.exit(0)));
process.send?.({ url: belay.url });

function read(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing: this file is started by the golden tests.`);
  return value;
}
