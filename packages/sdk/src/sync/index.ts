/**
 * What happens to the records of a sync, without a database: they are validated and mapped. For those who run syncs; those who write them import `defineSync`.
 *
 * Terms: a *record* is one of the provider's; a *model* is what it is mapped to; an *external id* is the provider's own; a *trouble* is a record that could not be taken.
 *
 * @module
 */
export { canonicalJson } from "./canonical-json.ts";
export { syncRecordErrors } from "./errors.ts";
export { idOf } from "./external-id.ts";
export { mapRecord } from "./map-record.ts";
export type { MapParts } from "./map-record.ts";
export { externalIdsOf } from "./page.ts";
export type { DeletedRecord, MappedRecord, PageRecord, TroubledRecord } from "./page.ts";
