/**
 * Where a token is put on a request: behind `prefix` in a header, or in a query parameter, for the few providers that want that. What
 * stands in a query may be in logs of the provider and of proxies.
 */
export type Sending = { readonly header: string; readonly prefix?: string } | { readonly query: string };

/** @see RFC 6750, section 2.1 */
export const asBearer: Sending = { header: "Authorization", prefix: "Bearer " };
