import type { OAuth2 } from "@belay/sdk";

/**
 * Tokens on behalf of a user, of a GitHub App whose user tokens expire: `defineConnector({ ...github, auth: githubOAuth })`. What they may do is
 * decided by the app's permissions, so there are no scopes. Refusals come with 200.
 *
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
 */
export const githubOAuth = {
  kind: "oauth2",
  authorizationUrl: "https://github.com/login/oauth/authorize",
  tokenUrl: "https://github.com/login/oauth/access_token",
  grants: ["authorization_code", "refresh_token"],
  accessTokenLifetime: "8h",
  refreshToken: { rotates: true, lifetime: "184d" },
  clientAuthentication: "body",
  refusals: {
    rows: [
      { code: "bad_refresh_token", means: "grantRevoked" },
      { code: "bad_verification_code", means: "grantRevoked" },
      { code: "incorrect_client_credentials", means: "clientRefused" },
      { code: "application_suspended", means: "clientRefused" },
      { code: "unverified_user_email", means: "consentDenied" },
    ],
  },
} as const satisfies OAuth2;
