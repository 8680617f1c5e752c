/**
 * Access control for tests: real keys and a real audit log, in the test's own database.
 *
 * @module
 */
import { type Access, openAccess } from "../../packages/server/src/access/index.ts";
import { openAudit } from "../../packages/server/src/audit/index.ts";
import type { Db } from "../../packages/server/src/db/index.ts";
import { type Clock, systemClock } from "../../packages/server/src/telemetry/index.ts";
import { vaultOf } from "./vault.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

/** Who may into a server on this database. */
export function accessOf(db: Db, adminToken: string, clock: Clock = systemClock): Access {
  const audit = openAudit({ db, seal: vaultOf(db).seal, clock, logger: silent });
  return openAccess({ db, audit, cipher: vaultOf(db), clock, logger: silent, adminToken, secure: false });
}
