import { type FieldAt, mergeField } from "./merge-field.ts";
import { isSame } from "./same.ts";
import type {
  Fields,
  FieldConflict,
  LinkState,
  MergeInput,
  MergeResult,
  MergeRules,
  ResolvedConflict,
  SideName,
  SideNow,
  SideState,
  SideWrite,
} from "./types.ts";

/**
 * Merges what two sides have with what is remembered of them: what holds from now on, what has to be written to which side, and which conflicts there were. Pure.
 *
 * A side has changed a field when it differs from what that side had when it was last looked at; there is a conflict when the other side's value is not what the first one knew, also when
 * that was decided before and is yet to be written. What a side made of a write of ours is no change. Merged again, before or after its writes, nothing else comes out.
 */
export function mergeSides(input: MergeInput, rules: MergeRules): MergeResult {
  const { state, a, b } = input;
  const [hasA, hasB] = [isThere(a), isThere(b)];
  if (isThere(a) && isThere(b)) return mergeBoth(input, a, b, rules);
  if (hasA || hasB) return mergeOne(input, hasA ? "a" : "b", rules);
  return {
    state: { base: null, a: goneState(state?.a, a), b: goneState(state?.b, b), held: [] },
    writes: { a: null, b: null },
    resolved: [],
    held: [],
    reopened: [],
  };
}

type There = SideNow & { readonly data: Fields };

function isThere(side: SideNow | undefined): side is There {
  return side !== undefined && side.data !== null;
}

/** Whether the side had it when it was last looked at. */
function had(state: SideState | null | undefined): boolean {
  return state !== null && state !== undefined && state.seen !== null;
}

function otherOf(side: SideName): SideName {
  return side === "a" ? "b" : "a";
}

function goneState(state: SideState | null | undefined, now: SideNow | undefined): SideState | null {
  if (now === undefined) return null;
  return { seen: null, told: {}, version: now.version ?? state?.version ?? null };
}

function mergeBoth({ state, decided = {} }: MergeInput, a: There, b: There, rules: MergeRules): MergeResult {
  const before = state?.base ?? undefined;
  const at = { a: watch(state?.a, a, state), b: watch(state?.b, b, state) };
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(a.data), ...Object.keys(b.data)])].toSorted();
  const base: Record<string, unknown> = {};
  const resolved: ResolvedConflict[] = [];
  const held: FieldConflict[] = [];
  const reopened: string[] = [];
  const apart: string[] = [];
  for (const field of names) {
    const [atA, atB] = [at.a(field), at.b(field)];
    const isHeld = state?.held.includes(field) === true;
    const outcome = mergeField({
      field,
      owner: rules.ownerOf(field),
      rule: rules.conflict,
      met: before !== undefined && field in before && had(state?.a) && had(state?.b),
      base: before?.[field],
      a: atA,
      b: atB,
      isHeld,
      decision: Object.hasOwn(decided, field) ? { value: decided[field] } : undefined,
    });
    if (outcome.kind === "apart") apart.push(field);
    else if (outcome.kind === "held") {
      held.push(outcome.conflict);
      if (isHeld && (atA.changed || atB.changed)) reopened.push(field);
      apart.push(field);
      if (before !== undefined && field in before) base[field] = before[field];
    } else {
      base[field] = outcome.value;
      if (outcome.resolved) resolved.push({ ...outcome.resolved, value: outcome.value });
    }
  }
  const carried = Object.keys(base).filter((field) => !apart.includes(field));
  const sides = { a: tellSide(state?.a, a, base, carried), b: tellSide(state?.b, b, base, carried) };
  return {
    state: { base, a: sides.a.state, b: sides.b.state, held: held.map(({ field }) => field) },
    writes: { a: sides.a.write, b: sides.b.write },
    resolved,
    held,
    reopened,
  };
}

/** Looks at the fields of a side. */
function watch(state: SideState | null | undefined, now: There, link: LinkState | null): (field: string) => FieldAt {
  const changedAt = (field: string): boolean => !isSame(now.data[field], state?.seen?.[field]);
  const version = hasChanged(state, now) ? now.version : (state?.version ?? now.version);
  return (field) => ({
    now: now.data[field],
    changed: changedAt(field),
    behind: isBehind(state?.told, link?.base, field),
    version,
  });
}

function isBehind(told: Fields | undefined, base: Fields | null | undefined, field: string): boolean {
  if (base === null || base === undefined || !Object.hasOwn(base, field)) return false;
  return told === undefined || !Object.hasOwn(told, field) || !isSame(told[field], base[field]);
}

function hasChanged(state: SideState | null | undefined, now: There): boolean {
  return state === null || state === undefined || !isSame(state.seen, now.data);
}

function tellSide(
  state: SideState | null | undefined,
  now: There,
  base: Fields,
  carried: readonly string[],
): { readonly state: SideState; readonly write: SideWrite | null } {
  const told: Record<string, unknown> = {};
  const changes: string[] = [];
  for (const field of carried) {
    const knew = state?.told !== undefined && Object.hasOwn(state.told, field) ? { value: state.told[field] } : undefined;
    const isOwnWay = knew !== undefined && isSame(knew.value, base[field]) && isSame(now.data[field], state?.seen?.[field]);
    if (isSame(now.data[field], base[field]) || isOwnWay) told[field] = base[field] ?? null;
    else {
      if (knew !== undefined && isSame(now.data[field], state?.seen?.[field])) told[field] = knew.value;
      changes.push(field);
    }
  }
  const version = hasChanged(state, now) ? now.version : (state?.version ?? null);
  const write: SideWrite | null = changes.length === 0 ? null : { kind: "update", data: pick(base, carried), changes };
  return { state: { seen: now.data, told, version }, write };
}

function pick(data: Fields, fields: readonly string[]): Fields {
  return Object.fromEntries(fields.map((field) => [field, data[field] ?? null]));
}

/** One side has it: it is new there, or the other has deleted it. */
function mergeOne(input: MergeInput, there: SideName, rules: MergeRules): MergeResult {
  const { state } = input;
  const other = otherOf(there);
  const [now, gone, was] = [input[there], input[other], state?.[there]];
  if (!isThere(now)) throw new TypeError("The side that has it must be named.");
  const changed = was?.seen === null || was === null || was === undefined || !isSame(was.seen, now.data);
  const side: SideState = { seen: now.data, told: toldOf(was, now), version: changed ? now.version : (was?.version ?? null) };
  const mayCreate = rules.creates === "both" || rules.creates === there;
  const absent = goneState(state?.[other], gone);
  // What the other side alone says of it holds also while it is gone there: what this one has in its place is no word on it. Nor is its own way of writing what it was told.
  const base = { ...meantBy(state, was, now), ...saidBy(other, state, rules) };
  const stays: LinkState = there === "a" ? { base, a: side, b: absent, held: [] } : { base, a: absent, b: side, held: [] };
  const answer = (next: LinkState, writes: Partial<MergeResult["writes"]>): MergeResult => ({
    state: next,
    writes: { a: null, b: null, ...writes },
    resolved: [],
    held: [],
    reopened: [],
  });
  if (state !== null && gone !== undefined) {
    if (rules.deletes === "none") return answer(stays, {});
    const isNews = had(state[other]) || state.base === null;
    const isFollowed = rules.deletes === "both" || rules.deletes === other;
    // Who has changed it since wants to keep it; unless the deletion is of the side that alone says what there is.
    if (isNews && isFollowed && !(isEdited(was, now, rules) && mayCreate))
      return answer({ ...stays, base: null, ...beforeOf(state) }, { [there]: { kind: "delete" } });
  }
  return answer(stays, mayCreate ? { [other]: { kind: "create", data: creatable(meantBy(state, was, now), other, state, rules) } } : {});
}

/** Fields that a side has as it had them when it was told of them. The others it has changed, or keeps for itself: there its own word counts. */
function asTold(was: SideState | null | undefined, { data }: There): readonly string[] {
  if (was === null || was === undefined) return [];
  return Object.keys(was.told).filter((field) => isSame(data[field], was.seen?.[field]));
}

/** What the values of a side stand for. */
function toldOf(was: SideState | null | undefined, now: There): Fields {
  return { ...now.data, ...pickOf(was?.told, asTold(was, now)) };
}

/** What holds, as far as one side alone says it: what it was told, or is yet to be. */
function meantBy(state: LinkState | null, was: SideState | null | undefined, now: There): Fields {
  return { ...toldOf(was, now), ...pickOf(heldBefore(state), asTold(was, now)) };
}

function pickOf(data: Fields | null | undefined, fields: readonly string[]): Fields {
  return Object.fromEntries(fields.flatMap((field) => (data && Object.hasOwn(data, field) ? [[field, data[field]]] : [])));
}

/** What a side is to begin with. Of its own fields, what it had said itself before it deleted the record: without them its silence would count, and empty the other side's. */
function creatable(data: Fields, at: SideName, state: LinkState | null, { ownerOf, canWrite = () => true }: MergeRules): Fields {
  const said = saidBy(at, state, { ownerOf });
  const others = Object.keys(data).filter((field) => ownerOf(field) !== "each" && ownerOf(field) !== at);
  const own = Object.keys(said).filter((field) => canWrite(at, field));
  return pick({ ...data, ...said }, [...others, ...own].toSorted());
}

/** Whether somebody has changed it since it was looked at. What can be told to neither side, such as the time of the last change, a provider says of itself, and not in every answer. */
function isEdited(was: SideState | null | undefined, now: There, { ownerOf, canWrite = () => true }: MergeRules): boolean {
  const { seen } = was ?? { seen: null };
  if (seen === null) return true;
  const isTold = (field: string): boolean => ownerOf(field) !== "each" || canWrite("a", field) || canWrite("b", field);
  return [...new Set([...Object.keys(seen), ...Object.keys(now.data)])].some(
    (field) => isTold(field) && !isSame(seen[field], now.data[field]),
  );
}

/** What a side that had the record said of its own fields, last. */
function saidBy(side: SideName, state: LinkState | null, { ownerOf }: Pick<MergeRules, "ownerOf">): Fields {
  if (state === null || state[side] === null) return {};
  return Object.fromEntries(Object.entries(heldBefore(state) ?? {}).filter(([field]) => ownerOf(field) === side));
}

/** What held last. */
function heldBefore(state: LinkState | null): Fields | undefined {
  return state?.base ?? state?.before;
}

function beforeOf(state: LinkState): Pick<LinkState, "before"> {
  const before = heldBefore(state);
  return before === undefined ? {} : { before };
}
