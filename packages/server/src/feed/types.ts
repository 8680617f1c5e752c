/** What became of a record with a change. */
export type ChangeKind = "created" | "updated" | "deleted" | "restored" | "merged" | "unmerged";

/** A version of a record, to be appended. */
export interface NewChange {
  /** Such as `contact`. */
  readonly model: string;
  /** The canonical id. */
  readonly record: string;
  readonly kind: ChangeKind;
  readonly connection?: string | null;
  /** The id of the sync that brought it. */
  readonly sync?: string | null;
  /** The position of the version that this one replaces. Without it the older one would be kept for ever. */
  readonly previous?: number | null;
  /** JSON with the member `data`, sealed for `changePurpose`. None: there is nothing, as after a deletion. */
  readonly contents?: Uint8Array | null;
}

/** What the contents of a change are sealed for: they open in no other record. */
export function changePurpose({ model, record }: Pick<NewChange, "model" | "record">): string {
  return `change.contents ${model}/${record}`;
}

/** A change as it was written down; its contents are sealed. */
export interface StoredChange {
  readonly tenant: string;
  readonly position: number;
  readonly model: string;
  readonly record: string;
  readonly kind: ChangeKind;
  /** ISO 8601. */
  readonly at: string;
  readonly connection: string | null;
  readonly sync: string | null;
  readonly previous: number | null;
  readonly contents: Uint8Array | null;
}
