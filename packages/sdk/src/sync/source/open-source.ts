import type { Changes, PlacedListing } from "../../connector/changes.ts";
import type { Resource } from "../../connector/types.ts";
import { valueAt } from "../../connector/value-at.ts";
import { type NextWalk, nextWalkOf, type SyncPosition } from "../changes/next-walk.ts";
import { readTime } from "../changes/times.ts";
import { advanceWatermark } from "../changes/watermark.ts";
import { idOf } from "../external-id.ts";
import type { WalkAnswer } from "../walk/page.ts";
import type { WalkPlan } from "../walk/plan.ts";
import type { Proof, WhyNone } from "../walk/proof.ts";
import { recoverWalk } from "../walk/recover.ts";
import { requestOf } from "../walk/request.ts";
import type { PageRequest } from "../walk/request.ts";
import { beginWalk, continueWalk } from "../walk/state.ts";
import type { WalkState } from "../walk/state.ts";
import { takePage } from "../walk/take-page.ts";
import { partsOf } from "./parts.ts";
import type { SourcePart, SourceWish } from "./parts.ts";

/** A walk through a resource between two pages: JSON, of bounded size. Only the source looks inside. */
export interface SourceState {
  /** Which of the walk's listings it is in. */
  readonly part: number;
  readonly walk: WalkState;
  /** The newest time of a change that it has seen, in milliseconds since the epoch. */
  readonly newestMs?: number;
  /** The token that the provider gave last for what has been read. */
  readonly token?: string;
  /** What the listings before this one proved. */
  readonly proofs: readonly Proof[];
  readonly whyNone: readonly WhyNone[];
}

/** An entry of a page: a record, or the provider's word that one is gone. */
export type SourceEntry = { readonly kind: "record"; readonly record: unknown } | { readonly kind: "deleted"; readonly id: string };

/** A page as it came; `records` are the entries of the listing, not yet validated. */
export interface SourcePage {
  readonly records: readonly unknown[];
  readonly answer: WalkAnswer;
}

export type SourceTaken =
  | { readonly kind: "more"; readonly state: SourceState; readonly entries: readonly SourceEntry[] }
  | {
      readonly kind: "end";
      readonly state: SourceState;
      readonly entries: readonly SourceEntry[];
      /** Undefined: nothing is proven, and `whyNone` says why. Then the position stays, unless it was a walk through everything. */
      readonly proof: Proof | undefined;
      readonly whyNone: readonly WhyNone[];
      /** What the next walk begins from. `startedAtMs`: when this one began. */
      readonly progress: (before: SyncPosition, startedAtMs: number) => SyncPosition;
    }
  | { readonly kind: "stuck"; readonly what: string; readonly whyNone: readonly WhyNone[]; readonly state: SourceState }
  | { readonly kind: "invalid"; readonly path: string; readonly what: string };

/** A resource as the source of walks: pure functions over a state that is JSON. */
export interface Source {
  begin(): SourceState;
  /** Goes on with a state that was kept. */
  resume(state: SourceState): SourceState;
  /** What to ask for next, and of which listing. */
  ask(state: SourceState): { readonly listing: PlacedListing; readonly plan: WalkPlan; readonly request: PageRequest };
  take(state: SourceState, page: SourcePage): SourceTaken;
  /**
   * Where to go on when the provider refuses a cursor. `refused`: it does not take the sync's token any more, so everything has to be read;
   * note `tokenRefused` in the position.
   */
  recover(
    state: SourceState,
  ): { readonly kind: "more"; readonly state: SourceState } | { readonly kind: "lost" | "refused"; readonly state: SourceState };
}

/** Opens it for the walk that comes next. @throws TypeError for a resource that cannot be listed. */
export function openSource(resource: Resource, next: NextWalk, wish: SourceWish = {}): Source {
  const parts = partsOf(resource, next, wish);
  const [first] = parts;
  if (first === undefined) throw new TypeError("The resource cannot be listed.");
  const partAt = (state: SourceState): SourcePart => parts[state.part] ?? first;
  return {
    begin: () => ({ part: 0, walk: beginWalk(first.plan), proofs: [], whyNone: [] }),
    resume: (state) => ({ ...state, walk: continueWalk(partAt(state).plan, state.walk) }),
    ask(state) {
      const { listing, plan } = partAt(state);
      return { listing, plan, request: requestOf(plan, state.walk) };
    },
    take: (state, page) => takeSource(resource, next, parts, partAt(state), state, page),
    recover(state) {
      const recovery = recoverWalk(partAt(state).plan, state.walk);
      const recovered = { ...state, walk: recovery.state };
      if (recovery.kind === "more") return { kind: "more", state: recovered };
      const isToken = next.kind === "incremental" && "token" in next && state.walk.position.at === "start";
      return { kind: isToken ? "refused" : "lost", state: recovered };
    },
  };
}

function takeSource(
  resource: Resource,
  next: NextWalk,
  parts: readonly SourcePart[],
  part: SourcePart,
  before: SourceState,
  page: SourcePage,
): SourceTaken {
  const taken = takePage(part.plan, before.walk, page.answer);
  if (taken.kind === "invalid") return taken;
  const noted = note(resource.changes, part, { ...before, walk: taken.state }, page);
  if (taken.kind === "stuck") return { ...taken, state: noted };
  // Among changes a record that comes again has changed again, and what it is now counts: the token at the end stands for that as well, so no later walk tells of it.
  const given = part.of === "records" ? taken.fresh.map((index) => page.records[index]) : page.records;
  const entries = given.flatMap((entry) => entryOf(resource, part, entry));
  if (taken.kind === "more") return { kind: "more", state: noted, entries };
  const state: SourceState = {
    ...noted,
    proofs: taken.proof === undefined ? before.proofs : [...before.proofs, taken.proof],
    whyNone: [...new Set([...before.whyNone, ...taken.whyNone])],
  };
  const following = parts[before.part + 1];
  if (following !== undefined) {
    return { kind: "more", state: { ...state, part: before.part + 1, walk: beginWalk(following.plan) }, entries };
  }
  const proof = state.proofs.length === parts.length ? joinProofs(state.proofs) : undefined;
  const progress = (position: SyncPosition, startedAtMs: number): SyncPosition =>
    progressOf(resource.changes, next, state, proof, position, startedAtMs);
  return { kind: "end", state, entries, proof, whyNone: proof === undefined ? state.whyNone : [], progress };
}

/** What the page says about how far the walk has come: its newest change, and the token for what follows. */
function note(changes: Changes | undefined, part: SourcePart, state: SourceState, { records, answer }: SourcePage): SourceState {
  if (changes === undefined || part.of === "deletions") return state;
  if (changes.by.kind === "token") {
    const token = valueAt(answer.body, changes.by.next);
    return typeof token === "string" && token !== "" ? { ...state, token } : state;
  }
  // In a walk through everything the records stand alone, outside of the entries that tell of their changes.
  if (part.of === "records" && changes.entry !== undefined) return state;
  const { field, format } = changes.by;
  let newestMs = state.newestMs ?? -Infinity;
  for (const record of records) newestMs = Math.max(newestMs, readTime(valueAt(record, field), format) ?? -Infinity);
  return newestMs === -Infinity ? state : { ...state, newestMs };
}

function entryOf(resource: Resource, part: SourcePart, entry: unknown): readonly SourceEntry[] {
  const { changes } = resource;
  // An id that cannot be kept is nobody's here: no record has it, and a page that names it would not be kept.
  if (part.of === "deletions") {
    const gone = idOf(entry, changes?.deleted?.id ?? resource.id);
    return gone === undefined ? [] : [{ kind: "deleted", id: gone }];
  }
  // A listing that tells of changes may tell of what is gone when it lists everything, too: an address book that is read from its beginning names cards deleted lately.
  const tellsOfChanges = part.of === "changes" || (changes?.list === undefined && changes?.entry === undefined);
  if (changes === undefined || !tellsOfChanges) return [{ kind: "record", record: entry }];
  const record = changes.entry === undefined ? entry : valueAt(entry, changes.entry.record);
  const { tombstone } = changes;
  const said = tombstone === undefined ? undefined : valueAt(entry, tombstone.at);
  if (tombstone?.is.some((value) => value === said) !== true) return [{ kind: "record", record }];
  const gone = idOf(record, resource.id);
  return gone === undefined ? [] : [{ kind: "deleted", id: gone }];
}

function joinProofs(proofs: readonly Proof[]): Proof | undefined {
  const [first, ...others] = proofs;
  if (first === undefined) return undefined;
  return others.reduce<Proof>(
    (sum, proof) => ({
      ...sum,
      pages: sum.pages + proof.pages,
      records: sum.records + proof.records,
      passes: Math.max(sum.passes, proof.passes),
    }),
    first,
  );
}

/**
 * The position after a walk that came to its end. Without a proof, changes that were read stay to be read again. A walk through everything counts as one all the same, for the next would
 * not do better; but what it may have missed, and what was deleted before it and it may not call gone, only the changes from the place before it on tell.
 */
function progressOf(
  changes: Changes | undefined,
  next: NextWalk,
  state: SourceState,
  proof: Proof | undefined,
  position: SyncPosition,
  startedAtMs: number,
): SyncPosition {
  const isFull = next.kind !== "incremental";
  if (!isFull && proof === undefined) return position;
  const place = next.kind === "full" && proof === undefined ? placeBefore(changes, position, startedAtMs) : undefined;
  if (place !== undefined) return place;
  const { tokenRefused: _refused, watermarkMs: before, ...kept } = position;
  const watermarkMs =
    isFull && (state.newestMs === undefined || changes?.entry !== undefined)
      ? startedAtMs
      : advanceWatermark(before, state.newestMs, startedAtMs);
  return {
    ...kept,
    walkedAtMs: startedAtMs,
    ...(isFull && { fullAtMs: startedAtMs }),
    ...(isFull && proof !== undefined && { provenAtMs: startedAtMs }),
    ...(changes?.by.kind === "field" && watermarkMs !== undefined && { watermarkMs }),
    ...(state.token !== undefined && { token: state.token, tokenAtMs: startedAtMs }),
  };
}

/** The place from which a walk through changes can go on as if everything had not been read; undefined: it cannot, and goes on from what was read. */
function placeBefore(changes: Changes | undefined, position: SyncPosition, fullAtMs: number): SyncPosition | undefined {
  const watermarkMs = position.watermarkMs ?? position.fullAtMs;
  const place = { ...position, fullAtMs, ...(changes?.by.kind === "field" && watermarkMs !== undefined && { watermarkMs }) };
  return nextWalkOf(changes, place, { nowMs: fullAtMs }).kind === "incremental" ? place : undefined;
}
