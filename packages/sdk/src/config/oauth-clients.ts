import type { Secret } from "../secret.ts";

/** The application that you have registered with a provider. Every tenant's consent is given to it. */
export interface OAuthClient {
  readonly id: string;
  /**
   * The first is used, and the next when it is refused: so both are valid while one is being replaced. Empty for a public client, which
   * proves itself by PKCE alone. With `clientAuthentication: "signed"` each is a private key: PEM (PKCS #8; RSA signs with RS256, P-256 with ES256,
   * Ed25519 with EdDSA), or the text of a JWK, whose `kid` and `alg` are said.
   */
  readonly secrets: readonly Secret[];
}
