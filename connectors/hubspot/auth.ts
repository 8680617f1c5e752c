import type { OAuth2 } from "@belay/sdk";

/**
 * HubSpot's OAuth, for apps that many accounts install: `defineConnector({ ...hubspot, auth: hubspotOAuth })`. The refresh token stays as it is
 * until the app is uninstalled; access tokens hold for half an hour. It has no RFC 7009, so an uninstallation ends the grant.
 *
 * @see https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/oauth-quickstart-guide
 * @see https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/guide
 */
export const hubspotOAuth = {
  kind: "oauth2",
  authorizationUrl: "https://app.hubspot.com/oauth/authorize",
  tokenUrl: "https://api.hubapi.com/oauth/v1/token",
  grants: ["authorization_code", "refresh_token"],
  scopes: ["oauth", "crm.objects.contacts.read", "crm.objects.contacts.write"],
  // Companies and tickets need crm.objects.companies.read, crm.objects.companies.write and tickets as well: ask for them where they are used.
  accessTokenLifetime: "30m",
  refreshToken: { rotates: false },
  clientAuthentication: "body",
  // Refusals name their kind in `status`, some in `error` as well.
  refusals: {
    at: ["status", "error"],
    rows: [
      { code: "BAD_REFRESH_TOKEN", means: "grantRevoked" },
      { code: "BAD_AUTH_CODE", means: "grantRevoked" },
      { code: "BAD_CLIENT_ID", means: "clientRefused" },
      { code: "BAD_CLIENT_SECRET", means: "clientRefused" },
      { code: "BAD_REDIRECT_URI", means: "requestRefused" },
      { code: "MISSING_SCOPES", means: "scopeRefused" },
    ],
  },
} as const satisfies OAuth2;
