import type { OAuth2 } from "@belay/sdk";

/** What a protected resource and its authorization server tell of themselves. */
export interface Found {
  readonly issuer: string | undefined;
  readonly resource: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly registrationUrl: string;
  readonly scopes: readonly string[];
  /** How a client proves itself; undefined where that is not told. */
  readonly method: OAuth2["clientAuthentication"] | undefined;
  readonly takesDocuments: boolean;
}

interface ResourceMetadata {
  readonly resource?: string;
  readonly authorization_servers?: readonly string[];
  readonly scopes_supported?: readonly string[];
}

interface ServerMetadata {
  readonly issuer?: string;
  readonly authorization_endpoint?: string;
  readonly token_endpoint?: string;
  readonly registration_endpoint?: string;
  readonly scopes_supported?: readonly string[];
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  readonly client_id_metadata_document_supported?: boolean;
}

/** @see RFC 9728, section 3; RFC 8414, section 3 */
export async function findServer(serverUrl: string, challenge: string): Promise<Found> {
  const { origin, pathname } = new URL(serverUrl);
  const named = /resource_metadata="([^"]+)"/.exec(challenge)?.[1];
  const wellKnown = `${origin}/.well-known/oauth-protected-resource`;
  const resource = await firstOf<ResourceMetadata>(named === undefined ? [`${wellKnown}${pathname}`, wellKnown] : [named]);
  // Who speaks for another resource could have our token sent there.
  if (resource?.resource !== undefined && !serverUrl.startsWith(resource.resource.replace(/\/$/, "")))
    throw new Error("The metadata are those of another resource.");
  // Before there were such metadata, the server was its own authorization server.
  const issuer = resource?.authorization_servers?.[0] ?? origin;
  const server = await firstOf<ServerMetadata>(placesOf(issuer));
  const asked = /scope="([^"]+)"/.exec(challenge)?.[1]?.split(" ") ?? resource?.scopes_supported ?? [];
  const offline = server?.scopes_supported?.includes("offline_access") === true && asked.length > 0 ? ["offline_access"] : [];
  return {
    issuer: server?.issuer,
    resource: resource?.resource ?? serverUrl,
    authorizationUrl: server?.authorization_endpoint ?? `${origin}/authorize`,
    tokenUrl: server?.token_endpoint ?? `${origin}/token`,
    registrationUrl: server?.registration_endpoint ?? `${origin}/register`,
    scopes: [...asked, ...offline],
    method: methodOf(server?.token_endpoint_auth_methods_supported),
    takesDocuments: server?.client_id_metadata_document_supported ?? false,
  };
}

function methodOf(supported: readonly string[] | undefined): OAuth2["clientAuthentication"] | undefined {
  const known = { client_secret_basic: "basic", client_secret_post: "body", private_key_jwt: "signed", none: "none" } as const;
  return Object.entries(known).find(([name]) => supported?.includes(name))?.[1];
}

function placesOf(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const inserted = ["oauth-authorization-server", "openid-configuration"].map((name) => `${origin}/.well-known/${name}${path}`);
  return [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}

async function firstOf<T extends object>(urls: readonly string[]): Promise<T | undefined> {
  for (const url of urls) {
    const answer = await fetch(url, { headers: { accept: "application/json" } });
    if (answer.ok) return (await answer.json()) as T;
    await answer.body?.cancel();
  }
  return undefined;
}
