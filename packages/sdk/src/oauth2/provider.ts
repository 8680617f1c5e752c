import type { OAuth2 } from "../connector/oauth2.ts";
import { refuser, suggest } from "../definition/refuse.ts";
import { oddities } from "./oddities.ts";
import { providers } from "./providers.generated.ts";

export type ProviderName = keyof typeof providers;

/** An `oauth2` that has a user's consent to ask for. */
export interface ProviderOAuth2 extends OAuth2 {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
}

/**
 * The auth of a well-known provider: endpoints out of a catalogue of about 190, and what is known of its oddities. What `own` says wins. Not
 * all that a provider does is in the catalogue: read its documentation for scopes, lifetimes and rotation, and state them.
 *
 * Defaults: the grants `authorization_code` and `refresh_token`, the client in the body, access tokens for an hour where the provider does not
 * tell. `{subdomain}` in an endpoint is filled from the connection's settings, so the base URL must have it too.
 *
 * ```ts
 * auth: oauth2.provider("slack", { scopes: ["chat:write"] })
 * ```
 *
 * @throws `SDK_CONNECTOR_INVALID` for a name that is not in the catalogue.
 */
export function provider(name: ProviderName, own: Partial<Omit<OAuth2, "kind">> = {}): ProviderOAuth2 {
  if (!Object.hasOwn(providers, name))
    refuser("SDK_CONNECTOR_INVALID", `Provider ${JSON.stringify(name)}`, provider)(
      "name",
      "a name that is not in the catalogue",
      suggest(name, Object.keys(providers)),
    );
  const [authorizationUrl, tokenUrl, scopeSeparator] = providers[name];
  const declared = {
    kind: "oauth2",
    authorizationUrl,
    tokenUrl,
    ...(scopeSeparator !== undefined && { scopeSeparator }),
    grants: ["authorization_code", "refresh_token"],
    accessTokenLifetime: "1h",
    clientAuthentication: "body",
    ...oddities[name],
    ...own,
  } as const satisfies OAuth2;
  // Without the grant there is no refresh token to speak of.
  if (declared.grants.includes("refresh_token")) return declared;
  const { refreshToken: _left, ...rest } = declared;
  return rest;
}

/** Whether the catalogue has a provider of this name: then it offers OAuth. */
export function isWellKnown(name: string): name is ProviderName {
  return Object.hasOwn(providers, name);
}
