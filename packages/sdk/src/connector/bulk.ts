import type { Duration } from "../duration.ts";
import type { Schema } from "../schema/index.ts";
import type { OperationOptions } from "./operation.ts";
import type { ReadBack, WriteSafety } from "./types.ts";

/**
 * What keeps an item that is sent again from becoming a second effect. An item that is tried again travels with others: whatever protects it must belong to it alone. So there
 * is no key of the whole call here, and `once` would leave a person with every item of a call whose answer was lost.
 */
export type BulkSafety =
  /** The provider remembers a key of each item, which stands in this member of it, for `keptFor`. After that time an unknown outcome is resolved by `readBack`, if declared. */
  | { readonly kind: "itemKey"; readonly member: string; readonly keptFor: Duration; readonly readBack?: ReadBack }
  /** The provider knows no key: before an item of unknown outcome is sent again, its record is looked for. */
  | { readonly kind: "readBack"; readonly readBack: ReadBack }
  /** Sending an item again has the same effect by its nature. */
  | { readonly kind: "natural" };

/**
 * How an entry of the answer is known to be an item's.
 *
 * - `position`: the nth entry is the nth item's. An answer of another length tells nothing, and all its outcomes are unknown.
 * - `index`: the entry says at this path the item's place in the call, from 0.
 * - `token`: the entry has at this path the token that was sent along in the item's `token` member, or a list of them.
 * - `field`: the entry has `at` this path the value that the item's `field` had, or a list of them. For updates `field` may be the record's id.
 */
export type OutcomeMatch =
  | "position"
  | { readonly index: string }
  | { readonly token: string }
  | { readonly field: string; readonly at: string };

/** How the answer to a bulk call tells the outcome of each item. Paths are dotted. An item that the answer does not mention has an unknown outcome. */
export interface BulkOutcomes {
  /** Where the list of outcomes is. Default: the answer is the list. */
  readonly results?: string;
  /** Whose each of `results` is. */
  readonly match: OutcomeMatch;
  /** Where the record is in one of `results`. Default: it is the record, inside of what the resource's `wrap.one` says. */
  readonly record?: string;
  /** What one of `results` has that tells of a refusal: `{ at: "success", is: false }`. Default: none does. */
  readonly refused?: { readonly at: string; readonly is: string | number | boolean };
  /** Where refusals stand in a list of their own, and whose each is: the first of several ways that tells counts. Default: there is none. */
  readonly errors?: { readonly in: string; readonly match: OutcomeMatch | readonly OutcomeMatch[] };
  /**
   * The HTTP status that a refusal stands for, by which the connector's error rows are looked through: the number at this path, or what `values` makes of the text there. One of
   * `results` with a status from 400 on is a refusal. Default, and for texts that are not listed: 400.
   */
  readonly status?: { readonly at: string; readonly values?: Readonly<Record<string, number>> };
}

/**
 * A call that writes many records. The client's writes of one record are collected into it: `create` where `createMany` is declared, `update` where `updateMany` is, and
 * `upsert`. Each keeps its own idempotency key, outcome and error.
 */
export interface BulkOperation extends OperationOptions {
  /** Below the connector's base URL, with the placeholders of the resource's path or fewer. */
  readonly path: string;
  /** Default `POST`. */
  readonly method?: "POST" | "PUT" | "PATCH";
  /** Most items of a call. */
  readonly most: number;
  /** Most bytes of a call's items, as JSON. Default: no bound. */
  readonly mostBytes?: number;
  /** Where the list of items stands in the body, by dotted path. Default: it is the body. */
  readonly items?: string;
  /** What an item holds beside its fields, which stand in the resource's `fieldsIn`. */
  readonly item?: {
    /** The member for the id of the record that is updated, or for the value by which an upsert finds it. Default: the resource's `id`; in an upsert none. */
    readonly id?: string;
    /** The member for a text that is unique within the call, by which the answer tells whose an outcome is. Default: none. */
    readonly token?: string;
    /** Members that are the same in every item. Default: none. */
    readonly constants?: Readonly<Record<string, string | number | boolean>>;
  };
  readonly outcomes: BulkOutcomes;
  readonly safety: BulkSafety;
  /**
   * How long a write waits for others to join it, unless the call is full before. It is longer while a call of this kind is under way, up to 5 s, because whoever waits for that
   * one's answer may write next. Calls of the lane `interactive` do not wait. `false`: writes of one record go by themselves, only those of many are sent so. Default `50ms`.
   */
  readonly collect?: Duration | false;
}

/** Updates a record, or creates it where there is none with this value of `by`. */
export interface UpsertManyOperation<Input> extends BulkOperation {
  readonly input: Schema<Input>;
  /** The unique field of the input by which the provider knows the record. */
  readonly by: string;
}

export type BulkKind = "create" | "update" | "upsert";

/** The safety of one item on its way, in the words of single writes: then one and the same ledger looks after both. */
export function safetyOfItem(safety: BulkSafety): WriteSafety {
  if (safety.kind !== "itemKey") return safety;
  const { member, keptFor, readBack } = safety;
  return { kind: "key", header: member, keptFor, ...(readBack && { readBack }) };
}
