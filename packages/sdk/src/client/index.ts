/**
 * Belay's API for the host application: emit events, read what became of them, act on dead letters. Its types are generated from the server's OpenAPI document.
 *
 * @module
 */
export { createBelayClient } from "./create-belay-client.ts";
export type * from "./create-belay-client.ts";
export type * from "./batch-calls.ts";
export type * from "./cache-calls.ts";
export type * from "./view-calls.ts";
export type * from "./changes.ts";
export type * from "./identity-calls.ts";
export type * from "./reconcile-calls.ts";
export type * from "./sync-calls.ts";
export type * from "./two-way-calls.ts";
export type * from "./unified-calls.ts";
export type { ProxyCall } from "./call-provider.ts";
