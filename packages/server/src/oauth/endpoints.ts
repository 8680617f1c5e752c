import type { OAuth2 } from "@belay/sdk";
import { oauthError } from "./oauth-error.ts";

export type Endpoint = "tokenUrl" | "authorizationUrl" | "pushedAuthorizationUrl" | "revocationUrl";

/** @throws `OAUTH_ENDPOINT_MISSING` naming the field. */
export function endpointOf(auth: OAuth2, endpoint: Endpoint): string {
  const url = auth[endpoint];
  if (url !== undefined) return url;
  throw oauthError(
    "OAUTH_ENDPOINT_MISSING",
    `auth.${endpoint}: is missing, and the issuer does not tell it. Declare it in the connector.`,
    {
      details: { field: `auth.${endpoint}` },
    },
  );
}
