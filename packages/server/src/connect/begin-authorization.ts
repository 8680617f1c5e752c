import { type AnyConnector, type Connection, isBelayError } from "@belay/sdk";
import { z } from "zod";
import type { Notice } from "./notices.ts";
import type { ConnectParts } from "./parts.ts";
import { connectionOf, drawToken, hashOf, openKept, openSession, sealKept, type Session } from "./session.ts";
import { keepAuthorization, takeAuthorization } from "./store.ts";
import { acceptGrant, type Completion } from "./complete-session.ts";
import { noticeOfOutcome } from "./judge-outcome.ts";

const wayMs = 15 * 60_000;

const authorization = z.object({
  codeVerifier: z.string(),
  scopes: z.array(z.string()),
  settings: z.record(z.string(), z.string()),
  redirectUri: z.string(),
  /** Hash of what the browser's cookie holds: who comes back has to be who left. */
  browser: z.string(),
});

function redirectUriOf({ publicUrl }: ConnectParts): string {
  return `${publicUrl()}/connect/callback`;
}

/** The scopes that are asked for: what the link says, or all; of the optional ones only those that were left ticked. */
export function scopesToAsk({ details }: Session, { auth }: AnyConnector): readonly string[] {
  return details.scopes ?? (auth.kind === "oauth2" ? (auth.scopes ?? []) : []);
}

/**
 * Keeps what the way back will need, and says where the browser goes. Doing it again gives up the way before.
 *
 * @param browser What the browser's cookie holds.
 */
export async function beginAtProvider(
  parts: ConnectParts,
  session: Session,
  connection: Connection,
  { scopes, browser }: { readonly scopes: readonly string[]; readonly browser: string },
): Promise<{ readonly url: string } | Notice> {
  const state = drawToken();
  const redirectUri = redirectUriOf(parts);
  try {
    const begun = await parts.provider.begin(connection, { redirectUri, state, scopes });
    const kept: z.infer<typeof authorization> = {
      codeVerifier: begun.codeVerifier,
      scopes: [...scopes],
      settings: connection.settings ?? {},
      redirectUri,
      browser: Buffer.from(hashOf(browser)).toString("hex"),
    };
    const { row } = session;
    await keepAuthorization(parts.db, row, hashOf(state), await sealKept(parts.cipher, row, "authorization", kept), wayMs);
    return { url: begun.url };
  } catch (error) {
    if (!isBelayError(error)) throw error;
    parts.logger.warn({ error, connector: connection.connector, tenant: connection.tenant }, "An authorization could not be begun.");
    return error.code === "OAUTH_ENDPOINT_MISSING" ? "client-refused" : "provider-unavailable";
  }
}

/**
 * A browser comes back from the provider. Its state is good once, and only in the browser that left.
 *
 * @param callbackUrl The whole address.
 * @returns `undefined` for a state that is not, or no longer, known.
 */
export async function takeWayBack(
  parts: ConnectParts,
  callbackUrl: string,
  browser: string | undefined,
): Promise<{ readonly session: Session; readonly end: Completion } | undefined> {
  const state = new URL(callbackUrl).searchParams.get("state") ?? "";
  const row = await takeAuthorization(parts.db, hashOf(state));
  const session = row && (await openSession(parts.cipher, row));
  const connector = parts.catalog.connectors.get(row?.connector ?? "");
  if (row === undefined || session === undefined || row.authorization === null || connector === undefined) return undefined;
  const kept = await openKept(parts.cipher, row, "authorization", row.authorization, authorization);
  const isSame = browser !== undefined && Buffer.from(hashOf(browser)).toString("hex") === kept?.browser;
  if (kept === undefined || !isSame) return { session, end: "way-back-lost" };
  const existing = parts.catalog.connections.get(row.connection ?? "");
  if (row.connection !== null && existing === undefined) return { session, end: "failed" };
  const connection = connectionOf(session, connector, existing, kept.settings);
  const { codeVerifier, redirectUri, scopes } = kept;
  const outcome = await parts.provider.exchange(connection, { callbackUrl, redirectUri, state, codeVerifier, scopes });
  if (outcome.kind === "granted") return { session, end: await acceptGrant(parts, session, connection, outcome.grant) };
  parts.logger.info({ code: outcome.code, connector: connector.id, tenant: row.tenant }, "An authorization came to nothing.");
  return { session, end: noticeOfOutcome(outcome) };
}
