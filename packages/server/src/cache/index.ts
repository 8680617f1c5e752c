/**
 * Answers of providers that may be given again for a while, for reads that say how old an answer may be.
 *
 * Terms: an *entry* is what one call was answered with; its *age* counts from before that call began. A *hit* is a look-up that needed no call, a *miss* one that did. A *flight* is
 * the one call that is made where many look the same thing up at once. A *use* says that something of a resource is looked up at all.
 *
 * Tables owned: cache_entry, cache_use.
 *
 * Invariants: nothing older than the caller's bound is given. What was known before a write through Belay, or before a provider told of a change, is not given after it: such
 * entries are gone before the step or the run that wrote has ended, and a flight that began before cannot land any more. Entries are sealed, found by keyed hashes, and each
 * tenant's apart. Trouble of the cache is never the caller's: then the provider is asked.
 *
 * @module
 */
export { cacheJobs } from "./jobs.ts";
export { openCache } from "./open-cache.ts";
export type { CacheBook, CacheParts, KeptRecords, LookUp } from "./open-cache.ts";
export { readCache } from "./read-cache.ts";
export type { CachedResource, LookUpCounts } from "./read-cache.ts";
export { forgetCached } from "./store.ts";
