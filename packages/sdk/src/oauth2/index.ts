/**
 * Endpoints of well-known providers, apart from the rest of the SDK, so that only those who name one load the table.
 *
 * @module
 */
import { isWellKnown, provider } from "./provider.ts";

export { isWellKnown };
export type { ProviderName, ProviderOAuth2 } from "./provider.ts";

/** Declares `oauth2` with what is known of a provider: `oauth2.provider("slack", { scopes: [...] })`. */
export const oauth2 = { provider } as const;
