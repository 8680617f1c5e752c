import type { OAuth2 } from "../connector/oauth2.ts";
import type { ProviderName } from "./provider.ts";

/** What the catalogue does not have: how some providers differ, and endpoints that have moved since. */
export const oddities: { readonly [Name in ProviderName]?: Partial<Omit<OAuth2, "kind">> } = {
  // Without access_type there is no refresh token, and without prompt only at the first consent. A refresh token ends after six months without use.
  // https://developers.google.com/identity/protocols/oauth2/web-server
  google: {
    revocationUrl: "https://oauth2.googleapis.com/revoke",
    authorizationParameters: { access_type: "offline", prompt: "consent" },
    refreshToken: { rotates: false, idle: "180d" },
    account: { id: "id_token.sub", name: "id_token.email" },
  },
  // Each refresh yields another refresh token, and the one before stays good. https://learn.microsoft.com/entra/identity-platform/refresh-tokens
  microsoft: {
    refreshToken: { rotates: false, idle: "90d" },
    account: { id: "id_token.oid", name: "id_token.preferred_username" },
  },
  // Refusals come with 200 and ok: false; tokens end only where the app has chosen token rotation. https://docs.slack.dev/authentication
  slack: {
    authorizationUrl: "https://slack.com/oauth/v2/authorize",
    tokenUrl: "https://slack.com/api/oauth.v2.access",
    accessTokenLifetime: "12h",
    refreshToken: { rotates: true },
    account: { id: "team.id", name: "team.name" },
    refusals: {
      rows: [
        { code: "invalid_code", means: "grantRevoked" },
        { code: "code_already_used", means: "grantReused" },
        { code: "invalid_refresh_token", means: "grantRevoked" },
        { code: "token_revoked", means: "grantRevoked" },
        { code: "account_inactive", means: "accountGone" },
        { code: "team_access_not_granted", means: "consentDenied" },
        { code: "bad_client_secret", means: "clientRefused" },
        { code: "bad_redirect_uri", means: "requestRefused" },
        { code: "fatal_error", means: "unavailable" },
      ],
    },
  },
  // Its answers have no expires_in: how long a session holds is a setting of the organisation. https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_refresh_token_flow.htm
  salesforce: {
    revocationUrl: "https://login.salesforce.com/services/oauth2/revoke",
    accessTokenLifetime: "1h",
    lifetimeFrom: "declared",
    refreshToken: { rotates: false },
    account: { id: "id" },
  },
  // https://developers.notion.com/docs/authorization
  notion: {
    clientAuthentication: "basic",
    tokenBody: "json",
    authorizationParameters: { owner: "user" },
    account: { id: "workspace_id", name: "workspace_name" },
  },
};
