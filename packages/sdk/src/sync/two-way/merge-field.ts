import { isEmpty, isSame } from "./same.ts";
import type { ConflictRule, FieldConflict, FieldOwner } from "./types.ts";

/** A field at one side. */
export interface FieldAt {
  readonly now: unknown;
  /** It is not what it was when it was last looked at. */
  readonly changed: boolean;
  /** It stands for something else than what holds: it is yet to be told, and knew nothing of it when it changed. */
  readonly behind: boolean;
  /** The version of the side's last change. */
  readonly version: number | null;
}

export interface FieldInput {
  readonly field: string;
  readonly owner: FieldOwner;
  readonly rule: ConflictRule;
  /** The two have met before, with this field. */
  readonly met: boolean;
  readonly base: unknown;
  readonly a: FieldAt;
  readonly b: FieldAt;
  readonly isHeld: boolean;
  /** What somebody has decided. */
  readonly decision: { readonly value: unknown } | undefined;
}

export type FieldOutcome =
  | { readonly kind: "value"; readonly value: unknown; readonly resolved?: FieldConflict }
  | { readonly kind: "held"; readonly conflict: FieldConflict }
  /** Each side keeps its own. */
  | { readonly kind: "apart" };

/** What holds for a field from now on. */
export function mergeField(input: FieldInput): FieldOutcome {
  const { owner, met, base, a, b, decision } = input;
  if (owner === "each") return { kind: "apart" };
  if (owner !== "both") return { kind: "value", value: met && !input[owner].changed ? base : input[owner].now };
  if (decision !== undefined && knew(a, decision.value) && knew(b, decision.value)) return { kind: "value", value: decision.value };
  if (isSame(a.now, b.now)) return { kind: "value", value: a.now };
  if (input.isHeld) return { kind: "held", conflict: conflictOf(input, a.now, b.now) };
  if (!met) {
    if (isEmpty(a.now)) return { kind: "value", value: b.now };
    if (isEmpty(b.now)) return { kind: "value", value: a.now };
    return settle(input, a.now, b.now);
  }
  if (a.changed && b.changed) return settle(input, a.now, b.now);
  if (a.changed) return a.behind ? settle(input, a.now, base) : { kind: "value", value: a.now };
  if (b.changed) return b.behind ? settle(input, base, b.now) : { kind: "value", value: b.now };
  return { kind: "value", value: base };
}

/** Whether whoever decided knew what the side has: a change since then nobody has decided about. */
function knew(side: FieldAt, decided: unknown): boolean {
  return !side.changed || isSame(side.now, decided);
}

/** Each of the two was written without knowing of the other. */
function settle(input: FieldInput, a: unknown, b: unknown): FieldOutcome {
  if (isSame(a, b)) return { kind: "value", value: a };
  const conflict = conflictOf(input, a, b);
  const value = decide(input.rule, conflict);
  return value === undefined ? { kind: "held", conflict } : { kind: "value", value: value.value, resolved: conflict };
}

function decide(rule: ConflictRule, conflict: FieldConflict): { readonly value: unknown } | undefined {
  if (rule === "queue") return undefined;
  if (rule === "a" || rule === "b") return { value: conflict[rule] };
  if (typeof rule === "function") {
    const value = rule(conflict);
    return value === undefined ? undefined : { value };
  }
  const { a, b } = conflict.versions;
  // Without both versions nobody knows who was last; guessing would lose somebody's work in silence.
  if (a === null || b === null) return undefined;
  // Of two at the same moment one has to win, and at every look the same.
  return { value: b > a ? conflict.b : conflict.a };
}

function conflictOf({ field, met, base, a: atA, b: atB }: FieldInput, a: unknown, b: unknown): FieldConflict {
  return { field, a: a ?? null, b: b ?? null, base: met ? (base ?? null) : undefined, versions: { a: atA.version, b: atB.version } };
}
