import { type AnyConnector, type Connection, obtainsToken } from "@belay/sdk";
import type { Grant } from "../oauth/index.ts";
import { acceptGrant, type Completion } from "./complete-session.ts";
import { noticeOfOutcome, noticeOfTrial } from "./judge-outcome.ts";
import type { ConnectParts, Fields } from "./parts.ts";
import type { Session } from "./session.ts";

/** What somebody filled in is tried before it is kept: a wrong key is told while they still have the page open that it came from. */
export async function submitCredential(
  parts: ConnectParts,
  session: Session,
  connector: AnyConnector,
  connection: Connection,
  fields: Fields,
): Promise<Completion> {
  const { provider, logger } = parts;
  let grant: Grant = { fields, expiresAtMs: null, refreshExpiresAtMs: null, scopes: undefined };
  if (obtainsToken(connector.auth)) {
    const outcome = await provider.obtain(connection, fields);
    if (outcome.kind !== "granted") {
      logger.info({ code: outcome.code, connector: connector.id, tenant: connection.tenant }, "A credential could not be used.");
      return noticeOfOutcome(outcome);
    }
    grant = { ...outcome.grant, fields: { ...fields, ...outcome.grant.fields } };
  }
  const trial = await provider.tryOut(connection, grant.fields);
  const notice = noticeOfTrial(trial);
  if (notice === undefined) return await acceptGrant(parts, session, connection, grant);
  if (trial.kind === "failed")
    logger.info({ code: trial.code, connector: connector.id, tenant: connection.tenant }, "A credential failed its first call.");
  return notice;
}
