import { obtainsToken, refuseSetting } from "@belay/sdk";
import type { Connection, ConnectorDefinition, OAuth2, TokenAuth } from "@belay/sdk";
import { resolveBaseUrl } from "@belay/sdk/http";
import type { Clock } from "@belay/sdk/http";
import { discover } from "./discover.ts";
import type { Discovered } from "./discover.ts";
import { oauthError } from "./oauth-error.ts";
import type { Dispatcher } from "./parts.ts";

/** Where the endpoints of connections are; one per process, which remembers what issuers told. */
export interface Endpoints {
  /**
   * The connector's auth with its placeholders filled and its endpoints absolute: what `TokenParts.auth` wants. An issuer is asked once an hour.
   *
   * @throws `OAUTH_DISCOVERY_FAILED`, `OAUTH_ENDPOINT_MISSING`, `CLIENT_CONNECTION_INVALID`.
   */
  resolve(connector: ConnectorDefinition, connection: Connection, dispatcher: Dispatcher): Promise<TokenAuth>;
}

const rememberedMs = 3_600_000;

export function createEndpoints(clock: Clock): Endpoints {
  const known = new Map<string, { readonly untilMs: number; readonly told: Discovered }>();
  const ask = async (issuer: string, dispatcher: Dispatcher): Promise<Discovered> => {
    const remembered = known.get(issuer);
    if (remembered !== undefined && remembered.untilMs > clock.now()) return remembered.told;
    try {
      const told = await discover(issuer, { dispatcher, clock });
      known.set(issuer, { told, untilMs: clock.now() + rememberedMs });
      return told;
    } catch (error) {
      // Endpoints hardly ever move; an issuer that is away for a while must not end what they still serve.
      if (remembered !== undefined) return remembered.told;
      throw error;
    }
  };
  return {
    async resolve(connector, connection, dispatcher) {
      const { auth } = connector;
      if (!obtainsToken(auth))
        throw oauthError("OAUTH_ENDPOINT_MISSING", `The auth of "${connector.id}" is "${auth.kind}", which obtains no token.`);
      const absolute = absoluteIn(connector, connection);
      if (auth.kind !== "oauth2") return { ...auth, tokenUrl: absolute(auth.tokenUrl) };
      const own = withUrls(auth, absolute);
      if (own.issuer === undefined || isComplete(own)) return own;
      return { ...(await ask(own.issuer, dispatcher)), ...own };
    },
  };
}

const members = ["issuer", "tokenUrl", "authorizationUrl", "pushedAuthorizationUrl", "revocationUrl"] as const;

function withUrls(auth: OAuth2, absolute: (url: string) => string): OAuth2 {
  const urls = members.flatMap((member) => {
    const url = auth[member];
    return url === undefined ? [] : [[member, absolute(url)] as const];
  });
  return { ...auth, ...Object.fromEntries(urls) };
}

/** Who has declared all that a dance needs is asked nothing: an issuer that is down must not keep a refresh from being made. */
function isComplete({ tokenUrl, authorizationUrl, grants }: OAuth2): boolean {
  return tokenUrl !== undefined && (authorizationUrl !== undefined || !grants.includes("authorization_code"));
}

/**
 * Makes URLs of an auth absolute for one connection. One that has a base URL of its own, a sandbox or a host of the customer, has what the
 * connector declares on its own host there too; on this machine, where simulators and tunnels are, it has everything.
 */
function absoluteIn(connector: ConnectorDefinition, connection: Connection): (url: string) => string {
  const { origin, path } = resolveBaseUrl(connector, connection);
  const declared = hostOf(connector.baseUrl);
  const isLocal = /^(localhost|127\.|\[::1\])/.test(new URL(origin).hostname);
  return (url) => {
    const below = url.replace(/^https?:\/\/[^/]+/, "");
    const moves = url.startsWith("/") || (connection.baseUrl !== undefined && (isLocal || hostOf(url) === declared));
    const { href } = new URL(filled(moves ? `${origin}${path}${below}` : url, connection));
    // An issuer is compared as a text, and most have no slash at the end. @see RFC 9207, section 2.4
    return url.endsWith("/") ? href : href.replace(/\/$/, "");
  };
}

function hostOf(url: string): string {
  return url.replace(/^https?:\/\//, "").replace(/\/.*$/s, "");
}

function filled(url: string, { id, settings = {} }: Pick<Connection, "id" | "settings">): string {
  return url.replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => {
    const value = settings[name];
    const remedy = value === undefined ? "It is missing." : refuseSetting(url, name, value);
    if (value === undefined || remedy !== undefined)
      throw oauthError(
        "OAUTH_ENDPOINT_MISSING",
        `Connection "${id}", settings.${name}: ${remedy ?? ""} An endpoint of its auth needs it.`,
        {
          details: { field: `settings.${name}` },
        },
      );
    return value;
  });
}
