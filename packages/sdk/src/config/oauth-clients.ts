import type { Secret } from "../secret.ts";

/** The application that you have registered with a provider. Every tenant's consent is given to it. */
export interface OAuthClient {
  readonly id: string;
  /**
   * The first is used, and the next when it is refused: so both are valid while one is being replaced. Empty for a public client, which
   * proves itself by PKCE alone.
   */
  readonly secrets: readonly Secret[];
}
