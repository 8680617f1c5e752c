import type { AnyConnector, Connection } from "@belay/sdk";
import { isWellKnown } from "@belay/sdk/oauth2";
import { requiredScopes } from "../connect/index.ts";
import type { CredentialHealth } from "../credentials/index.ts";
import type { Notice } from "./notice.ts";

/** Scopes that say who somebody is or keep a grant alive: no resource needs them, and they open none. @see OpenID Connect Core, sections 5.4 and 11 */
const ofIdentity = new Set(["openid", "profile", "email", "offline_access", "offline.access", "refresh_token"]);

/** What was granted and no resource of the connector needs; nothing where the connector does not say what its resources need. */
export function judgeScopes(connection: Connection, connector: AnyConnector, health: CredentialHealth | undefined): Notice[] {
  const required = requiredScopes(connector);
  const granted = health?.scopes ?? [];
  if (required.length === 0 || health?.state === "disconnected") return [];
  const unused = granted.filter((scope) => !required.includes(scope) && !ofIdentity.has(scope)).toSorted();
  if (unused.length === 0) return [];
  const { tenant, id } = connection;
  return [
    {
      tenant,
      kind: "scopes-unused",
      subject: id,
      what: `Connection "${id}" was granted ${unused.join(", ")}, which no resource of "${connector.id}" needs.`,
      remedy:
        "Take them out of the connector's scopes, and let the tenant connect again: whoever gets hold of the credential can do no more than it was granted.",
    },
  ];
}

const keyKinds = new Set<string>(["apiKey", "bearer", "basic", "headers"]);

/** A key that does not end, where the provider would give a token that does. One notice for a connector, however many connections it has. */
export function judgeStaticKeys(connectors: Iterable<AnyConnector>, connections: Iterable<Connection>): Notice[] {
  const used = Map.groupBy(connections, ({ connector }) => connector);
  return [...connectors].flatMap(({ id, auth }): Notice[] => {
    const of = used.get(id) ?? [];
    const offersOAuth = keyKinds.has(auth.kind) && isWellKnown(id);
    const pasted = auth.kind === "oauth2" ? of.filter(({ credential }) => isPastedToken(credential)) : [];
    const remedy = `Connect by OAuth (docs/guide/auth.md): a token ends by itself, is granted for what is needed only, and the tenant can end it at the provider.`;
    if (offersOAuth && of.length > 0)
      return [
        {
          tenant: "",
          kind: "static-key",
          subject: id,
          what: `Connector "${id}" uses keys that do not end, and the provider offers OAuth.`,
          remedy,
        },
      ];
    return pasted.map((connection) => ({
      tenant: connection.tenant,
      kind: "static-key",
      subject: connection.id,
      what: `Connection "${connection.id}" has an access token in the configuration that nothing renews, and its provider offers OAuth.`,
      remedy,
    }));
  });
}

function isPastedToken(credential: Connection["credential"]): boolean {
  return credential?.["accessToken"] !== undefined && credential["refreshToken"] === undefined;
}
