import { randomUUID } from "node:crypto";
import { type AnyConnector, BelayError, type Connection, obtainsToken } from "@belay/sdk";
import { placeholdersOf, refuseSetting, resolveBaseUrl } from "@belay/sdk/http";
import { checkConnectable } from "../connections/index.ts";
import type { ConnectParts } from "./parts.ts";
import { hashOf, newDetails, sealKept } from "./session.ts";
import { insertSession } from "./store.ts";

/** What a link is asked for. */
export interface SessionRequest {
  readonly tenant: string;
  readonly connector: string;
  /** Reconnects this one. Default: a new connection. */
  readonly connection?: string | undefined;
  /** Where the browser goes afterwards. Default: it stays, and is told that the page can be closed. */
  readonly returnUrl?: string | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Replaces the connector's base URL. Only for those who may open private addresses: operators. */
  readonly baseUrl?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly user?: { readonly id?: string | undefined; readonly name?: string | undefined } | undefined;
}

/** Half an hour: time to find a password, too short for a link that lies about in a mailbox. */
const lifetimeMs = 30 * 60_000;

/**
 * Makes a link by which one account can be connected, once. Give it only to the person that it is for. Calling it twice makes two.
 *
 * @throws `CONNECT_CONNECTOR_UNKNOWN`, `CONNECT_CONFIGURED`, `CONNECT_RETURN_FORBIDDEN`, `CONNECT_SETTINGS_INVALID`, `CONNECT_SCOPE_UNKNOWN`,
 *   `CONNECT_CLIENT_MISSING`, `CONNECTION_AMBIGUOUS`, `CONNECTION_UNKNOWN`.
 */
export async function createSession(
  parts: ConnectParts,
  request: SessionRequest,
  actor: string,
): Promise<{ readonly url: string; readonly expiresAt: string }> {
  const { db, cipher, catalog } = parts;
  const connector = catalog.connectors.get(request.connector);
  if (connector === undefined) throw new BelayError("CONNECT_CONNECTOR_UNKNOWN", `connector: there is no "${request.connector}".`);
  const existing = request.connection === undefined ? undefined : findExisting(parts, request, request.connection);
  if (request.returnUrl !== undefined) checkReturnUrl(parts, request.returnUrl);
  const settings = existing === undefined ? (request.settings ?? {}) : (existing.settings ?? {});
  if (existing === undefined) checkSettings(connector, settings);
  checkBaseUrl(connector, existing, request);
  checkScopes(connector, request.scopes ?? []);
  if (sendsUser(connector) && !parts.provider.hasClient(connector.id))
    throw new BelayError(
      "CONNECT_CLIENT_MISSING",
      `connector: put your application at "${connector.title}" into oauthClients.${connector.id} of the configuration.`,
    );
  const { returnUrl, baseUrl, scopes, user } = request;
  const details = newDetails({
    ...(returnUrl !== undefined && { returnUrl }),
    settings,
    ...(baseUrl !== undefined && { baseUrl }),
    ...(scopes && { scopes: [...scopes] }),
    ...(user && { user }),
  });
  if (existing === undefined)
    checkConnectable(catalog, { id: details.connectionId, tenant: request.tenant, connector: connector.id, endpoint: details.endpoint });
  const key = { tenant: request.tenant, id: `session_${randomUUID()}` };
  const expiresAt = await insertSession(
    db,
    {
      ...key,
      token: hashOf(details.token),
      connector: connector.id,
      connection: existing?.id ?? null,
      actor,
      details: await sealKept(cipher, key, "details", details),
    },
    lifetimeMs,
  );
  return { url: `${parts.publicUrl()}/connect/${details.token}`, expiresAt };
}

/** Whether a person agrees at the provider, instead of filling in a form. */
export function sendsUser({ auth }: AnyConnector): boolean {
  return auth.kind === "oauth2" && auth.grants.includes("authorization_code");
}

function findExisting({ catalog }: ConnectParts, { tenant, connector }: SessionRequest, id: string): Connection {
  const found = catalog.connections.get(id);
  if (found?.tenant !== tenant) throw new BelayError("CONNECTION_UNKNOWN", `connection: tenant "${tenant}" has no "${id}".`);
  if (found.connector !== connector)
    throw new BelayError("CONNECT_CONNECTOR_UNKNOWN", `connector: connection "${id}" is one to "${found.connector}".`);
  const { auth } = catalog.connectors.get(connector) ?? {};
  // What obtains its tokens lives in the table, wherever it began.
  if (found.credential !== undefined && auth !== undefined && !obtainsToken(auth))
    throw new BelayError(
      "CONNECT_CONFIGURED",
      `connection: the credential of "${id}" is in the configuration; change it there, or take it out.`,
    );
  return found;
}

function checkReturnUrl({ publicUrl, returnOrigins }: ConnectParts, returnUrl: string): void {
  const forbidden = (why: string) => new BelayError("CONNECT_RETURN_FORBIDDEN", `returnUrl: ${why}`);
  if (!URL.canParse(returnUrl)) throw forbidden("is not a URL.");
  const { origin, protocol, hostname, username, password } = new URL(returnUrl);
  // The origin of `blob:https://app.example/…` is the one that stands in it.
  if (protocol !== "https:" && protocol !== "http:") throw forbidden("is not a URL of http or https.");
  if (username !== "" || password !== "") throw forbidden("leave out user and password.");
  const own = new URL(publicUrl());
  const isLocal = protocol === "http:" && isLoopback(hostname) && isLoopback(own.hostname);
  if (origin !== own.origin && !isLocal && !returnOrigins.includes(origin))
    throw forbidden(`${origin} is not among the allowed origins; add it to BELAY_RETURN_ORIGINS.`);
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}

function checkSettings({ baseUrl }: AnyConnector, settings: Readonly<Record<string, string>>): void {
  const known = placeholdersOf(baseUrl);
  for (const [name, value] of Object.entries(settings)) {
    const remedy = known.includes(name)
      ? refuseSetting(baseUrl, name, value)
      : `The address has no such placeholder; it has ${known.join(", ") || "none"}.`;
    if (remedy !== undefined) throw new BelayError("CONNECT_SETTINGS_INVALID", `settings.${name}: ${remedy}`);
  }
}

function checkBaseUrl(connector: AnyConnector, existing: Connection | undefined, { baseUrl, tenant }: SessionRequest): void {
  if (baseUrl === undefined) return;
  if (existing !== undefined) throw new BelayError("CONNECT_SETTINGS_INVALID", "baseUrl: a connection that is reconnected keeps its own.");
  try {
    resolveBaseUrl(connector, { id: "new", tenant, connector: connector.id, baseUrl });
  } catch (error) {
    throw new BelayError("CONNECT_SETTINGS_INVALID", "baseUrl: it is no address that can be called.", { cause: error });
  }
}

function checkScopes({ auth }: AnyConnector, scopes: readonly string[]): void {
  const known = auth.kind === "oauth2" ? (auth.scopes ?? []) : [];
  const stranger = scopes.find((scope) => !known.includes(scope));
  if (stranger !== undefined)
    throw new BelayError(
      "CONNECT_SCOPE_UNKNOWN",
      `scopes: "${stranger}" is none of ${known.join(", ") || "none that the connector declares"}.`,
    );
}
