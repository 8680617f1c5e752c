import type { CreateOperation, Resource } from "../connector/types.ts";
import type { PathOf } from "../connector/references.ts";
import type { Infer, Schema } from "../schema/index.ts";
import type { CustomFields, DataOf, DraftsOf, FieldTable, UnifiedModel } from "./define-model.ts";

/** A record of the resource, as its schema yields it. */
export type RecordOf<R extends Resource> = R extends { readonly schema: infer S extends Schema } ? Infer<S> : never;

type InputIn<Operation> = Operation extends { readonly input: infer S extends Schema } ? Infer<S> : never;
/** What may be written to the resource, by either way. */
export type InputOf<R extends Resource> = Partial<InputIn<R["create"]>> | Partial<InputIn<R["update"]>>;

/** What a tenant may say of a mapping, beside the configuration: it is data, validated, and needs no version of its own. */
export interface MappingSettings {
  /** The country of telephone numbers that are written without theirs, ISO 3166-1 alpha-2. Default: the record's, where it says one. */
  readonly country?: string | undefined;
  /** Whose clock shows times that are written without an offset, IANA. Default: none. */
  readonly zone?: string | undefined;
  /** Custom fields by name, each with its dotted path in the provider's record: `{ plan: "metadata.plan" }`. Default: none. */
  readonly custom?: Readonly<Record<string, string>> | undefined;
}

export interface MappingContext {
  /** Fits `mappingSettings`; anything else counts as none. */
  readonly settings?: unknown;
}

/** How one field comes from a provider's record, and goes back into one. */
export interface FieldRule<Record, Draft, Value, Input> {
  /** The provider's fields that it is made of, by dotted path: its lineage. A list counts as one field. */
  readonly from: PathIn<Record> | readonly PathIn<Record>[];
  /** Default: the value at `from`. */
  readonly read?: (record: Record, settings: MappingSettings) => Draft;
  /** What to write for a value. `creating`: the record is not there yet. Default: the field is only read. */
  readonly write?: (value: Value, how: { readonly creating: boolean }) => Input;
}

export type PathIn<Record> = PathOf<Record> | (keyof Record & string);

type RuleOf<R extends Resource, Draft, Value> = PathIn<RecordOf<R>> | FieldRule<RecordOf<R>, Draft, Value, InputOf<R>>;

export interface MappingDefinition<R extends Resource, F extends FieldTable, C extends CustomFields> {
  /** The resource's name in its connector. */
  readonly resource: string;
  /** Raise it whenever records come out differently: what was mapped before is then read anew. */
  readonly version: string;
  /** Fields that are not here are empty, for all records of the provider. A path alone is read as it is, and not written. */
  readonly fields: { readonly [Name in keyof F & keyof DraftsOf<F>]?: RuleOf<R, DraftsOf<F>[Name], DataOf<F, C>[Name]> };
  /** Which records are none of the model's: GitHub lists pull requests among issues. Default: all are. */
  readonly when?: (record: RecordOf<R>) => boolean;
  /** Where people see the record at the provider; `settings` are those of the connection. Undefined: it cannot be told. Default: it has no page. */
  readonly url?: (record: RecordOf<R>, settings: Readonly<Record<string, string>>) => string | undefined;
  /** How the model's records are created, where the resource's own create wants what the model does not have. */
  readonly create?: CreateOperation<unknown>;
}

/** What a write to a provider consists of, and which of our fields each of its members comes from. */
export interface ProviderInput {
  readonly input: Readonly<Record<string, unknown>>;
  /** By member of `input`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A mapping: called with a provider's record it gives the model's. */
export interface UnifiedMapping<Record = never, Data = unknown> {
  /** Undefined for what is none of the model's. Pure: the same record gives the same. */
  (record: Record, context: MappingContext): Data | undefined;
  readonly version: string;
  /** Of what a tenant may say of it: `mappingSettings`. */
  readonly settings: Schema<MappingSettings>;
  readonly resource: string;
  readonly model: UnifiedModel;
  /** The provider's fields that each field is made of. */
  readonly lineage: Readonly<{ [field: string]: readonly string[] }>;
  /** The fields that can be written. */
  readonly writable: readonly string[];
  readonly url: (record: Record, settings: Readonly<{ [name: string]: string }>) => string | undefined;
  readonly create: CreateOperation<unknown> | undefined;
  /**
   * What to send to the provider for these fields; others stay as they are.
   *
   * @throws `MODEL_FIELD_READ_ONLY` for a field that the provider, or its mapping, does not write.
   */
  readonly toProvider: (data: Readonly<{ [field: string]: unknown }>, how: { readonly creating: boolean }) => ProviderInput;
}
