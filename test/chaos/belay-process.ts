/**
 * One process of Belay under the crash harness. Everything it needs comes by environment; it ends with its parent.
 *
 * @module
 */
import type { ChildMessage } from "./crash/protocol.ts";
import { createLogger, type Role, startBelay } from "../../packages/server/src/main.ts";
import { testMasterKey } from "../setup/vault.ts";

const graceMs = 10_000;

const belay = await startBelay({
  config: new URL("belay.config.ts", import.meta.url),
  database: { kind: "postgres", url: read("CHAOS_DATABASE"), connections: 6 },
  http: { port: Number(read("CHAOS_PORT")) },
  adminToken: "chaos-chaos-chaos",
  masterKey: testMasterKey,
  roles: read("CHAOS_ROLES").split(",") as Role[],
  // Nothing that the target does is for ever: a message that is given up has met a bug.
  retry: { maxAttempts: 1_000, baseMs: 100, capMs: 1_000 },
  dispatcher: {
    leaseMs: Number(read("CHAOS_LEASE_MS")),
    maxMailboxes: Number(read("CHAOS_MAX_MAILBOXES")),
    ...(process.env["CHAOS_MAX_MESSAGES"] !== undefined && { maxMessages: Number(read("CHAOS_MAX_MESSAGES")) }),
  },
  logger: createLogger("warn"),
});
// As `belay start` does it.
process.once("SIGTERM", () => void belay.close(graceMs).then(() => process.exit(0)));
process.send?.({ ready: belay.url } satisfies ChildMessage);

function read(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing: this file is started by the crash harness.`);
  return value;
}
