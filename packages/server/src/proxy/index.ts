/**
 * The proxy: `ANY /v1/proxy/{connection}/*` calls a provider as a tenant, through the same layers as the calls of flows.
 *
 * Terms: the *caller* is who asks Belay; a *refusal* is an answer of Belay's own, told from the provider's by `x-belay-source`.
 *
 * Tables owned: none.
 *
 * Invariants: a call goes to the connection's own origin and below its base path, whatever the caller writes. What proves who the caller is never reaches the provider,
 * nor the credential the caller. Bodies of any length pass in flat memory, each side as fast as the other takes it. A write is sent once, unless the caller's key and the
 * connector's write safety cover it.
 *
 * @module
 */
export { proxyErrors } from "./errors.ts";
export { registerProxy } from "./routes.ts";
export { defaultProxyOptions } from "./options.ts";
export type { ProxyOptions } from "./options.ts";
export type { EndedCall, ProxyParts } from "./call-provider.ts";
export { BookCredentials } from "./book-credentials.ts";
export type { CredentialSource } from "./book-credentials.ts";
