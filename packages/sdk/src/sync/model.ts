import type { Schema } from "../schema/index.ts";

/** By what a record is recognised, whatever its id is: an e-mail address, a domain. Only keyed hashes of it are kept. */
export interface MatchKey {
  /** Such as `email`, `phone`, `domain`. */
  readonly kind: string;
  /** Normalised: two that mean the same are the same text. */
  readonly value: string;
}

/** What records of all providers look like after mapping: `unified.contact`, or one of your own. */
export interface Model<Data = unknown> {
  /** Stable: it stands in every record and in the change feed. */
  readonly model: string;
  /** What a mapping gives is validated against it. */
  readonly schema: Schema<Data>;
  /** By what a record of the model is found and matched. Default: by nothing but its id. */
  readonly matchOn?: (data: Data) => readonly MatchKey[];
}

/** A model, where what it holds does not matter. */
export type AnyModel = Pick<Model, "model" | "schema"> & { readonly matchOn?: (data: never) => readonly MatchKey[] };
