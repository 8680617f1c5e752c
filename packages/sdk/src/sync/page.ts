/** A record of the source that became one of the model's. */
export interface MappedRecord {
  readonly kind: "mapped";
  readonly externalId: string;
  /** As the source counts it; null: it does not. */
  readonly version: number | null;
  /** Canonical JSON of what `map` made of it. */
  readonly data: string;
  /** JSON of the record as the provider gave it. */
  readonly raw: string;
  /** By what it is recognised, as `kind\nvalue`. */
  readonly keys: readonly string[];
}

/** The provider says that it is gone, or `map` that it is none of ours. */
export interface DeletedRecord {
  readonly kind: "deleted";
  readonly externalId: string;
  readonly version: number | null;
  /** A walk was told so, by the provider or by `map`: many such wait for an approval. Without, that is decided already. */
  readonly named?: true;
}

/** A record that could not be taken: it waits, with its reason, and is tried again by the next walk. */
export interface TroubledRecord {
  readonly kind: "trouble";
  /** null: it has none that can be read. */
  readonly externalId: string | null;
  readonly code: string;
  readonly reason: string;
  readonly raw: string;
}

/** What became of one record of a page. */
export type PageRecord = MappedRecord | DeletedRecord | TroubledRecord;

/** The external ids of records, each once; those are included that could not be taken. */
export function externalIdsOf(records: readonly PageRecord[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { externalId } of records) if (externalId !== null) ids.add(externalId);
  return ids;
}
