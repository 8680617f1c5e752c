import {
  type Connection,
  type ConnectorDefinition,
  fieldsIn,
  isBelayError,
  type OAuthClient,
  obtainsToken,
  type TokenAuth,
  toMs,
} from "@belay/sdk";
import { type Clock, dispatcherFor, type Network } from "@belay/sdk/http";
import type { Catalog } from "../catalog/index.ts";
import { clientFor, createEndpoints, oauthErrors, obtainGrant, refreshGrant, type TokenParts } from "../oauth/index.ts";
import { credentialErrors } from "./errors.ts";
import type { RenewalOutcome } from "./outcome.ts";
import type { Renewal } from "./plan-refresh.ts";
import type { Renewer } from "./renewer.ts";
import type { Fields } from "./seal-fields.ts";

export interface OAuthRenewerParts {
  readonly catalog: Pick<Catalog, "config" | "connectors">;
  readonly network: Network;
  readonly clock: Clock;
  /** For one answer of a token endpoint, ms. Default 30,000. */
  readonly answerMs?: number;
  /** For so long after it left, a request whose answer did not come may still be worked on at the provider, ms. Default 45,000: longer than an answer is waited for. */
  readonly settleMs?: number;
}

/** Renews what connectors declare to be renewed, by OAuth or a login. */
export function oauthRenewer({ catalog, network, clock, answerMs = 30_000, settleMs = 45_000 }: OAuthRenewerParts): Renewer {
  const endpoints = createEndpoints(clock);
  const renewals = new WeakMap<ConnectorDefinition, Renewal>();
  const connectorOf = ({ connector }: Pick<Connection, "connector">): ConnectorDefinition | undefined => catalog.connectors.get(connector);
  const partsFor = async (connector: ConnectorDefinition, connection: Connection, client?: OAuthClient): Promise<TokenParts> => {
    const dispatcher = dispatcherFor(connection, { network });
    const auth = await endpoints.resolve(connector, connection, dispatcher);
    return { auth, dispatcher, clock, timeoutMs: answerMs, ...(client && { client }) };
  };
  const ask = async (connector: ConnectorDefinition, connection: Connection, fields: Fields): Promise<RenewalOutcome> => {
    const { refreshToken, clientId } = fields;
    const { oauthClients } = catalog.config;
    const { auth } = connector;
    if (auth.kind === "oauth2" && kindOf(auth) === "refresh" && refreshToken !== undefined) {
      const client = clientFor({ ...(oauthClients && { oauthClients }) }, connector.id, fields);
      const parts = await partsFor(connector, connection, client);
      if (parts.auth.kind !== "oauth2") throw new TypeError("The auth changed its kind.");
      return await refreshGrant({ ...parts, auth: parts.auth, client }, { refreshToken });
    }
    const client = auth.kind === "oauth2" && clientId === undefined ? oauthClients?.[connector.id] : undefined;
    return await obtainGrant(await partsFor(connector, connection, client), fields);
  };
  return {
    of: (connection) => {
      const connector = connectorOf(connection);
      if (connector === undefined || !obtainsToken(connector.auth)) return undefined;
      const known = renewals.get(connector) ?? toRenewal(connector.auth, settleMs);
      renewals.set(connector, known);
      return known;
    },
    renew: async (connection, fields) => {
      const connector = connectorOf(connection);
      try {
        if (connector !== undefined) return await ask(connector, connection, fields);
      } catch (error) {
        const outcome = processThrown(error);
        if (outcome !== undefined) return outcome;
        throw error;
      }
      return { kind: "unavailable", code: "CREDENTIAL_RENEWAL_FAILED", detail: "Its connector is not in the configuration." };
    },
    classOf: (code) => ({ ...oauthErrors, ...credentialErrors })[code as keyof typeof oauthErrors]?.class,
  };
}

/** Without a user there is no refresh token: the client itself asks anew. */
function kindOf(auth: TokenAuth): Renewal["kind"] {
  return auth.kind === "oauth2" && (auth.grants.includes("authorization_code") || auth.grants.includes("refresh_token"))
    ? "refresh"
    : "obtain";
}

function toRenewal(auth: TokenAuth, settleMs: number): Renewal {
  const declared = auth.kind === "oauth2" ? auth.refreshToken : undefined;
  return {
    kind: kindOf(auth),
    singleUse: kindOf(auth) === "refresh" && declared?.rotates === true,
    settleMs,
    lifetimeMs: toMs(auth.accessTokenLifetime),
    ...(declared?.idle !== undefined && { idleMs: toMs(declared.idle) }),
    ...(auth.kind === "session" && auth.headers !== undefined && { carried: fieldsIn(...Object.values(auth.headers)) }),
  };
}

/** What is thrown is thrown before anything is sent: a client that is missing, an address that cannot be worked out. */
function processThrown(error: unknown): RenewalOutcome | undefined {
  if (!isBelayError(error)) return undefined;
  const { code, message: detail } = error;
  return error.retry === "never" ? { kind: "refused", code, detail } : { kind: "unavailable", code, detail };
}
