import type { MergeRules, SideName } from "@belay/sdk/two-way";
import type { RecordKeyRow } from "../records/index.ts";
import { otherSide, type Sides } from "./find-sides.ts";
import type { WantedLink } from "./store.ts";
import type { LinkRow, MergedSide } from "./types.ts";

/** A record as far as it matters whether it was merged. */
export type KnownRecord = Pick<RecordKeyRow, "id" | "connection" | "resource" | "externalId" | "hash" | "position">;

/** What is to be done about things that changed. */
export interface TurnPlan {
  readonly links: readonly WantedLink[];
  /** Each is to be merged by whoever writes to the side. */
  readonly messages: readonly { readonly record: string; readonly side: SideName }[];
  /** They are other things now. */
  readonly dropped: readonly string[];
}

/** What is known of things that changed. */
export interface TurnFacts {
  readonly sides: Sides;
  readonly rules: Pick<MergeRules, "creates">;
  /** Canonical ids. */
  readonly changed: readonly string[];
  readonly records: readonly KnownRecord[];
  readonly links: ReadonlyMap<string, LinkRow>;
}

/**
 * Decides what becomes of things that changed. By what they are now and what was merged last, not by the changes: what we wrote ourselves, and what a walk reads back of it, is in the
 * version that was merged, and nothing comes of it.
 */
export function planTurn({ sides, rules, changed, records, links }: TurnFacts): TurnPlan {
  const wanted: WantedLink[] = [];
  const messages: TurnPlan["messages"][number][] = [];
  const dropped: string[] = [];
  const byId = Map.groupBy(records, ({ id }) => id);
  for (const record of changed) {
    const link = links.get(record);
    const rows = byId.get(record) ?? [];
    const now = { a: pickRecord(rows, sides, "a", link?.a), b: pickRecord(rows, sides, "b", link?.b) };
    if (now.a === undefined && now.b === undefined) {
      if (link !== undefined) dropped.push(record);
      continue;
    }
    const next = decide(now, link, rules);
    if (next === undefined) continue;
    wanted.push({ record, awaits: next.awaits });
    if (next.awaits === null) messages.push({ record, side: next.side });
  }
  return { links: wanted, messages, dropped };
}

type Now = Readonly<Record<SideName, KnownRecord | undefined>>;

/** Undefined: nothing is to be done. With `awaits` it is to be looked for first, and no message goes out. */
function decide(
  now: Now,
  link: LinkRow | undefined,
  { creates }: Pick<MergeRules, "creates">,
): { readonly side: SideName; readonly awaits: SideName | null } | undefined {
  const alone = now.a === undefined ? "b" : now.b === undefined ? "a" : undefined;
  if (link === undefined && alone !== undefined) {
    // What was never at both sides, and is gone or is not to be at the other, is no business of theirs.
    if (!isThere(now[alone]) || (creates !== "both" && creates !== alone)) return undefined;
    return { side: otherSide(alone), awaits: otherSide(alone) };
  }
  if (link === undefined) return isThere(now.a) || isThere(now.b) ? { side: written(creates, "b"), awaits: null } : undefined;
  const changed = { a: isOther(now.a, link.a), b: isOther(now.b, link.b) };
  if (!changed.a && !changed.b) return undefined;
  // It is still being looked for; what it is then counts.
  if (link.awaits !== null && alone !== undefined && isThere(now[alone])) return undefined;
  return { side: written(creates, changed.a ? "b" : "a"), awaits: null };
}

/** Where one side owns the record, only the other is ever written. */
export function written(creates: MergeRules["creates"], side: SideName): SideName {
  return creates === "both" ? side : otherSide(creates);
}

function isThere(record: KnownRecord | undefined): boolean {
  return record !== undefined && record.hash !== null;
}

function isOther(record: KnownRecord | undefined, merged: MergedSide): boolean {
  return (record?.externalId ?? null) !== merged.id || (record?.position ?? null) !== merged.position;
}

/**
 * The record of a side that is meant: of several, the one that was merged before, else one that is there, else the first. A connection has several of one thing where somebody said so, and
 * where one was deleted and made anew.
 */
export function pickRecord<R extends Pick<KnownRecord, "connection" | "resource" | "externalId" | "hash">>(
  records: readonly R[],
  sides: Sides,
  side: SideName,
  merged: MergedSide | undefined,
): R | undefined {
  const { connection, resource } = sides[side];
  const of = records.filter((record) => record.connection === connection && record.resource === resource);
  const living = of.filter(({ hash }) => hash !== null);
  return (
    living.find(({ externalId }) => externalId === merged?.id) ??
    living[0] ??
    of.find(({ externalId }) => externalId === merged?.id) ??
    of[0]
  );
}
