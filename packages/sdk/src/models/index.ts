/**
 * Models: one shape for the records of all providers, and mappings between the two.
 *
 * - *model*: what a record holds, field by field, and how each is normalised: `unified.contact`.
 * - *mapping*: how the records of a connector's resource become the model's, and back. *lineage*: which of the provider's fields a field is made of.
 * - *unread*: what a provider says that could not be read; it stays with the record, as it came, with a flag.
 *
 * Invariants: every field is always there; what a provider does not say is null or an empty list. Mapping is pure. Nothing is dropped in silence, neither what cannot be
 * read nor what cannot be written.
 *
 * @module
 */
import type { DataOf, UnifiedModel } from "./define-model.ts";
import type { unified } from "./unified.ts";

export { unified } from "./unified.ts";
export { baseSchema, defineModel } from "./define-model.ts";
export type { CustomFields, DataOf, DraftsOf, FieldTable, ModelKey, ReadingDefaults, UnifiedModel } from "./define-model.ts";
export { defineMapping } from "./define-mapping.ts";
export type { FieldRule, MappingContext, MappingDefinition, MappingSettings, ProviderInput, UnifiedMapping } from "./mapping-types.ts";
export { mappingSettings } from "./mapping-settings.ts";
export { modelErrors } from "./errors.ts";
export * as field from "./field.ts";
export type { Field, LineDraft, Reading, ReferenceDraft } from "./field.ts";
export type { Address, Email, OrderLine, Phone, Reference as RecordReference, Unread } from "./parts.ts";

type RecordOfModel<M> = M extends UnifiedModel<infer F, infer C> ? DataOf<F, C> : never;
export type Account = RecordOfModel<typeof unified.account>;
export type Contact = RecordOfModel<typeof unified.contact>;
export type Order = RecordOfModel<typeof unified.order>;
export type Ticket = RecordOfModel<typeof unified.ticket>;
export type Employee = RecordOfModel<typeof unified.employee>;
