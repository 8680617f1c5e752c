import type { PageRecord } from "@belay/sdk/sync";
import { type Fields, isSame, type LinkState, settleWrite, type SideNow, type SideWrite, takeAsMerged } from "@belay/sdk/two-way";
import type { SideRecord, WriteRequest } from "../two-way/index.ts";
import type { SideWriter } from "./side-writer.ts";

/** A thing as it stands in this run. */
export interface Thing {
  readonly request: WriteRequest;
  readonly state: LinkState | null;
  readonly a: SideNow | undefined;
  readonly b: SideNow | undefined;
  /** The provider's own word on this side's record, where it was heard in this run. */
  readonly heard: PageRecord | undefined;
  /** What was written to it in this run, last. */
  readonly written?: Written;
}

/** A write of this run, and what the side has after it. */
export interface Written {
  readonly write: SideWrite;
  /** What it was known to have. */
  readonly before: SideNow | undefined;
  readonly after: SideNow;
  readonly record: PageRecord | undefined;
}

/** Goes on with what the provider says of this side. */
export function hear(thing: Thing, heard: PageRecord): Thing {
  const { side } = thing.request;
  const other = thing[side === "a" ? "b" : "a"]?.data;
  const now = toAfter(heard);
  // They have met, although it was not written down yet.
  const hasGone = thing.state === null && now.data === null && (thing[side]?.data ?? null) !== null;
  return { ...thing, ...(hasGone && other && { state: takeAsMerged(other) }), [side]: now, heard };
}

/** Somebody else has merged it, or has written down this side's record: begins with what there is now. What was written is not written again. */
export async function anew(before: Thing, request: WriteRequest, writer: SideWriter): Promise<Thing> {
  const thing = toThing(request);
  const { heard, written } = before;
  const { side } = request;
  const hasMoved = !isSame(placeOf(before.request), placeOf(request));
  // What was heard may be older than what a walk has kept since. If it is newer, the next walk tells of it.
  if (written === undefined) return heard === undefined || hasMoved ? thing : hear(thing, heard);
  const { write, after, record } = written;
  // What nobody has merged meanwhile is as this run has left it.
  const settled = thing.state === null ? before.state : settleWrite(thing.state, side, write, after);
  const settledThing: Thing = { ...thing, state: before.request.revision === request.revision ? before.state : settled, written };
  const isBehind = isNewer(thing[side], after);
  if (!hasMoved) return { ...settledThing, heard: record, [side]: isBehind ? thing[side] : after };
  // Nobody can tell whether what was kept meanwhile is from before the write or after it, but the provider.
  const id = record?.externalId ?? request[side]?.externalId;
  const now = id === undefined ? undefined : await writer.get(id);
  if (now !== undefined && now.kind !== "trouble") return hear(settledThing, now);
  if (now === undefined && id !== undefined && writer.canGet) return hear(settledThing, { kind: "deleted", externalId: id, version: null });
  return { ...settledThing, [side]: isBehind ? thing[side] : withWritten(thing[side], write, written.before, after) };
}

function placeOf(request: WriteRequest): unknown {
  const record = request[request.side];
  return record === null ? null : { id: record.externalId, position: record.position };
}

/** What a side has if what it is known to have is from before the write: its other fields are news, those that are still as they were before are as they were written. */
function withWritten(now: SideNow | undefined, write: SideWrite, before: SideNow | undefined, after: SideNow): SideNow {
  if (write.kind === "delete") return after;
  if (write.kind === "create" || now === undefined || now.data === null || after.data === null) return now ?? after;
  const { data } = now;
  const late = write.changes.filter((field) => isSame(data[field], before?.data?.[field]));
  return { ...now, data: { ...data, ...pick(after.data, late) } };
}

function isNewer(one: SideNow | undefined, other: SideNow): boolean {
  return typeof one?.version === "number" && other.version !== null && one.version > other.version;
}

/** A thing as it was given out. */
export function toThing(request: WriteRequest): Thing {
  // Written by `run-write.ts`, and sealed.
  const state = request.state === null ? null : (JSON.parse(request.state) as LinkState);
  return { request, state, a: toNow(request.a), b: toNow(request.b), heard: undefined };
}

function toNow(record: SideRecord | null): SideNow | undefined {
  if (record === null) return undefined;
  // Validated by its sync's model before it was kept.
  return { data: record.data === null ? null : (JSON.parse(record.data) as Fields), version: record.version };
}

/** What a side has, by what its provider said of the record. */
export function toAfter(record: PageRecord): SideNow {
  if (record.kind !== "mapped") return { data: null, version: null };
  return { data: JSON.parse(record.data) as Fields, version: record.version };
}

/** Of this side's record; undefined: it has none. */
export function idOfSide({ request, heard }: Thing): string | undefined {
  return request[request.side]?.externalId ?? heard?.externalId ?? undefined;
}

/** This side's record as its provider gives it, where that is known. */
export function rawOf({ request, heard }: Thing): unknown {
  if (heard?.kind === "mapped") return JSON.parse(heard.raw);
  const raw = request[request.side]?.raw ?? null;
  return raw === null ? undefined : JSON.parse(raw);
}

/** These fields; null where there is nothing. */
export function pick(data: Fields, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field, data[field] ?? null]));
}
