import type { OAuth2 } from "@belay/sdk";

/**
 * Zendesk's OAuth: `defineConnector({ ...zendesk, auth: zendeskOAuth })`. Token requests are JSON. The client says how long tokens hold; one
 * that asks for nothing gets some that do not end, which are renewed each day all the same.
 *
 * @see https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
 */
export const zendeskOAuth = {
  kind: "oauth2",
  authorizationUrl: "https://{subdomain}.zendesk.com/oauth/authorizations/new",
  tokenUrl: "https://{subdomain}.zendesk.com/oauth/tokens",
  grants: ["authorization_code", "refresh_token"],
  scopes: ["tickets:read", "tickets:write", "users:read"],
  accessTokenLifetime: "1d",
  refreshToken: { rotates: true, lifetime: "30d" },
  clientAuthentication: "body",
  tokenBody: "json",
  tokenParameters: { expires_in: "86400", refresh_token_expires_in: "2592000" },
} as const satisfies OAuth2;
