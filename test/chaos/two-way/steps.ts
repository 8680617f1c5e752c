/**
 * The vocabulary of a history of a two-way sync: what people change at both sides, what they ask for, and what goes wrong. As in histories of syncs, some steps can be left
 * out: an edit names a person by number, and whoever is not there is not edited.
 *
 * @module
 */
import type { RequestFault } from "../kernel/steps.ts";
import type { Fault, Shape } from "../sync/steps.ts";

export const tenant = "acme";
export const twoWayId = "people";
export const sideNames = ["a", "b"] as const;
export type Side = (typeof sideNames)[number];
export const syncIds = { a: "left-people", b: "right-people" } as const;
export const connectionIds = { a: "acme-left", b: "acme-right" } as const;
export const connectorIds: Readonly<Record<Side, string>> = { a: "left", b: "right" };
export const baseUrls = { a: "http://left.simulated", b: "http://right.simulated" } as const;

/** What people edit. A person is recognised by its e-mail address, which stays. */
export const fieldNames = ["name", "phone", "note"] as const;
export type FieldName = (typeof fieldNames)[number];

export const editKinds = ["create", "update", "touch", "delete"] as const;

export interface TwoWayEdit {
  readonly kind: "edit";
  readonly side: Side;
  readonly what: (typeof editKinds)[number];
  /** The number of the person. Who is there already is not created, and who is not is not changed. */
  readonly person: number;
  /** Of an update. */
  readonly fields: readonly FieldName[];
  /** It comes after so many requests to either side. */
  readonly skip: number;
}

export type TwoWayAction =
  | TwoWayEdit
  | Fault
  /** Cursors of a side that were given out are refused from then on; `tokens`: those that stand for the present as well. */
  | { readonly kind: "forget"; readonly side: Side; readonly tokens: boolean; readonly skip: number }
  | { readonly kind: "run"; readonly side: Side; readonly full: boolean }
  /** Somebody decides a conflict that waits; the how-manieth, counted round. */
  | { readonly kind: "decide"; readonly which: number; readonly as: Side | "else" };

export type TwoWayStep = TwoWayAction & {
  readonly number: number;
  /** Milliseconds since the history began. */
  readonly atMs: number;
};

/** How a side writes down what it is given. */
export type Manner = "as-given" | "upper-name" | "plain-phone" | "short-note";

/** How a side is. */
export interface SideSetting {
  readonly shape: Shape;
  readonly manner: Manner;
  /** Its sync says which version of a record is newer. */
  readonly versioned: boolean;
  /** What keeps a repeated create from becoming a second record. */
  readonly create: "key" | "readBack" | "once";
  /** It takes nothing but whole records, on condition of the state that they were read in. */
  readonly whole: boolean;
  /** It refuses a second person of the same e-mail address. */
  readonly unique: boolean;
}

/** Who wins where both changed a field; `larger`: a function of the user's own. */
export type Rule = "newest" | Side | "queue" | "larger";

export interface TwoWaySetting {
  readonly processes: number;
  readonly skewMs: readonly number[];
  readonly statementMs: number;
  readonly everySeconds: number;
  readonly a: SideSetting;
  readonly b: SideSetting;
  /** Persons at the beginning: each at one side, or at both. */
  readonly persons: number;
  /** Some have no e-mail address, by which nobody could recognise them. */
  readonly nameless: boolean;
  readonly rule: Rule;
  /** Whose the note and the phone number are. */
  readonly note: "both" | "each" | Side;
  readonly phone: "both" | Side;
  readonly deletes: "both" | "a" | "none";
}

export interface TwoWayHistory {
  readonly seed: number;
  readonly setting: TwoWaySetting;
  readonly steps: readonly TwoWayStep[];
}

export function otherSide(side: Side): Side {
  return side === "a" ? "b" : "a";
}

/** Faults that keep requests from arriving, and nothing else. */
const harmless: ReadonlySet<RequestFault> = new Set(["refused", "lost", "never-arrives", "server-error", "slow"]);

/** Whether Belay may have written something and not know it, should this happen. */
export function isForgetful(step: TwoWayStep): boolean {
  if (step.kind === "request-fault") return !harmless.has(step.what);
  return !["edit", "forget", "run", "decide"].includes(step.kind);
}
