/**
 * The unified API: records of all providers in the shapes of the models, read from what is kept or from the provider, and written through the same mappings.
 *
 * Terms: a *view* is a record as it is given out: its model's data, its *source*, and how old it is. *Live* is what the provider said just now.
 *
 * Tables owned: none.
 *
 * Invariants: what is older than the caller's bound is never given out unmarked. A connection is reached only through the tenant whose it is. A field that a provider does
 * not take is refused by name, never dropped. A write has the idempotency key of its request. What goes to a provider is told and written down as calls of the proxy are, and a
 * paused connection is not called.
 *
 * @module
 */
export { unifiedErrors } from "./errors.ts";
export { coveredBy } from "./find-mapping.ts";
export type { Covered } from "./find-mapping.ts";
export { settingsOf } from "./find-settings.ts";
export { emailOf, listKept, phoneOf, readKept } from "./read-kept.ts";
export type { KeptFilter } from "./read-kept.ts";
export { listLive, readLive } from "./read-live.ts";
export { openProviders } from "./open-providers.ts";
export type { Providers } from "./open-providers.ts";
export type { UnifiedView } from "./view.ts";
export { createUnified, updateUnified } from "./write-record.ts";
