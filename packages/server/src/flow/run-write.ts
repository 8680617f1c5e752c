import { createHash } from "node:crypto";
import { BelayError, isBelayError, type Resource, type TwoWay } from "@belay/sdk";
import { currentOperation } from "@belay/sdk/http";
import { canonicalJson, idOf, type MappedRecord, type PageRecord } from "@belay/sdk/sync";
import { type Fields, isSame, settleWrite, type SideWrite } from "@belay/sdk/two-way";
import type { MergedReport, WriteAnswer, WriteReport, WriteRequest } from "../two-way/index.ts";
import { createsAgain, isNotCreated } from "./create-outcome.ts";
import { type Course, keepWritten } from "./keep-written.ts";
import { anew, hear, idOfSide, pick, rawOf, type Thing, toAfter, toThing, type Written } from "./merged-thing.ts";
import { readSyncSettings } from "./read-sync-settings.ts";
import { mergeThing } from "./report-merge.ts";
import { openSideWriter, type SideCalls, type SideWriter } from "./side-writer.ts";

export interface WriteParts {
  readonly twoWay: TwoWay;
  readonly resource: Resource;
  readonly tenant: string;
  readonly connection: string;
  /** For how long it has been tried, ms; undefined: no attempt before this one can have had effects. */
  readonly triedForMs: number | undefined;
  /** Opens the calls of the side's resource, in the place that the tenant's settings say. */
  readonly openCalls: (place: Readonly<Record<string, string | number>> | undefined) => SideCalls;
  /** Calls the user's own code, and notes that it is in it. */
  readonly enter: <T>(code: () => T) => T;
  /** A step of the run: its result is kept, and its write has one idempotency key. */
  readonly step: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;
  /** Whether an attempt before this one has finished a step of this name. */
  readonly isDone: (step: string) => boolean;
  /** Resolves when it is on disk. */
  readonly tell: (report: WriteReport) => Promise<WriteAnswer>;
}

/** How often a thing is merged anew in one run, because others merged it meanwhile, or the provider says that the record is another by now. */
const mostTurns = 6;

/**
 * Merges a thing, and writes to its side what that side has to be told: one call, unless the provider says that its record is another one by now. What the other side has to be told is left
 * to whoever writes there.
 *
 * @throws `TWO_WAY_CONTENDED`, `TWO_WAY_NOT_WRITABLE`, and what the calls, the user's code and keeping throw: the next attempt merges what there is then, and knows what this one has written.
 */
export async function runWrite(request: WriteRequest, parts: WriteParts): Promise<void> {
  const writer = await openWriter(request, parts);
  const course: Course = { thing: toThing(request), request };
  try {
    await pursue(course, parts, writer);
  } catch (error) {
    // What keeps it from being kept, a lost lease say, ends the next call as well: the first error says why.
    await keepWritten(course, parts, writer).catch(() => {});
    throw error;
  }
}

async function pursue(course: Course, parts: WriteParts, writer: SideWriter): Promise<void> {
  for (let turn = 1; turn <= mostTurns; turn += 1) {
    course.thing = await ask(course.thing, writer);
    const outcome = await mergeOnce(course.thing, parts, writer, turn);
    if ("heard" in outcome) {
      course.thing = hear(course.thing, outcome.heard);
      continue;
    }
    if ("written" in outcome) {
      course.thing = outcome.written;
      continue;
    }
    const answer = "report" in outcome ? await parts.tell(outcome.report) : outcome.answer;
    if (answer.kind !== "again") return;
    course.request = answer.request;
    course.thing = await anew(course.thing, answer.request, writer);
  }
  throw new BelayError("TWO_WAY_CONTENDED", "A record changes faster than it can be merged.", { retry: "backoff" });
}

async function openWriter({ side, settings: text }: WriteRequest, parts: WriteParts): Promise<SideWriter> {
  const { sync } = parts.twoWay[side];
  const settings = await readSyncSettings(sync, parts.tenant, JSON.parse(text));
  const place = sync.in === undefined ? undefined : parts.enter(() => sync.in?.(settings as never));
  return openSideWriter({ ...parts, side, settings, calls: parts.openCalls(place) });
}

/** What is kept of this side may be older than what was merged: only the provider can tell. Where it cannot be asked, what is kept has to do. */
async function ask(thing: Thing, writer: SideWriter): Promise<Thing> {
  const { request, heard } = thing;
  const id = idOfSide(thing);
  if (!request.doubts.includes(request.side) || heard !== undefined || id === undefined || !writer.canGet) return thing;
  const now = (await writer.get(id)) ?? gone(id);
  return now.kind === "trouble" ? thing : hear(thing, now);
}

function gone(externalId: string): PageRecord {
  return { kind: "deleted", externalId, version: null };
}

type Outcome =
  | { readonly report: MergedReport }
  /** The side has what it was told. What else its answer showed is merged before anything is reported. */
  | { readonly written: Thing }
  /** The record is another one by now. */
  | { readonly heard: PageRecord }
  /** Somebody else has merged it before a create was sent. */
  | { readonly answer: WriteAnswer };

async function mergeOnce(thing: Thing, parts: WriteParts, writer: SideWriter, turn: number): Promise<Outcome> {
  const { request, heard } = thing;
  const { side, creation } = request;
  const { result, report } = mergeThing(thing, parts);
  const write = result.writes[side];
  if (write === null) return { report: report(result.state, heard) };
  // It was looked for since it came; or an attempt of this very message has created it, or may have, and the provider can tell whether it did.
  const mayHaveSent = parts.triedForMs !== undefined && createsAgain(writer.createSafety, parts.triedForMs);
  const wasSent = creation === "sent" && (parts.isDone(createStep(request)) || mayHaveSent);
  const mayCreate = creation === "looked" || wasSent;
  if (write.kind === "create" && !mayCreate) return { report: { ...report(result.state, heard), awaits: { code: null } } };
  const news = write.kind === "create" ? undefined : await readNews(thing, write, writer);
  if (news !== undefined) return { heard: news };
  try {
    const written = await writeSide(thing, write, parts, writer, turn);
    if ("heard" in written) return written;
    if ("kind" in written) return { answer: written };
    const settled = settleWrite(result.state, side, write, written.after);
    return { written: { ...thing, state: settled, [side]: written.after, heard: written.record ?? heard, written } };
  } catch (error) {
    if (write.kind === "create" && mustLookAgain(error, request, writer, parts))
      return { report: { ...report(result.state, heard), awaits: { code: isBelayError(error) ? error.code : null } } };
    return { heard: await hearRefusal(error, thing, write, writer) };
  }
}

/** The provider has it already, or nobody knows whether it has: it is looked for, once for one reason, before anything is created. */
function mustLookAgain(error: unknown, { code }: WriteRequest, { createSafety }: SideWriter, { triedForMs = 0 }: WriteParts): boolean {
  if (!isBelayError(error)) return false;
  if (error.code === "HTTP_OUTCOME_UNKNOWN") return !createsAgain(createSafety, triedForMs);
  return error.details["status"] === 409 && code !== error.code;
}

/**
 * What the provider has, where that is something else than what is kept: the last walk is minutes ago, and what somebody has changed since must not be written over. Not needed where the
 * provider itself takes the write only for the state that was merged.
 */
async function readNews(thing: Thing, write: SideWrite, writer: SideWriter): Promise<PageRecord | undefined> {
  const id = idOfSide(thing);
  if (thing.heard !== undefined || id === undefined || (write.kind === "update" && writer.guardsUpdates)) return undefined;
  const now = await writer.get(id);
  if (now === undefined) return writer.canGet ? gone(id) : undefined;
  // What cannot be mapped any more is told by the next walk.
  if (now.kind === "trouble") return undefined;
  return now.kind === "mapped" && isSame(JSON.parse(now.data), thing[thing.request.side]?.data) ? undefined : now;
}

/** What a refused change says of the record: it is gone, or another one. @throws the refusal where it says neither. */
async function hearRefusal(error: unknown, thing: Thing, write: SideWrite, writer: SideWriter): Promise<PageRecord> {
  const id = idOfSide(thing);
  const status = isBelayError(error) ? error.details["status"] : undefined;
  if (write.kind !== "update" || id === undefined) throw error;
  if (status === 404 || status === 410) return gone(id);
  if (status !== 409 && status !== 412) throw error;
  const now = (await writer.get(id)) ?? gone(id);
  const known = thing[thing.request.side];
  // It is what was known: the provider has another reason, which will not go away.
  if (now.kind === "trouble" || (now.kind === "mapped" && isSame(JSON.parse(now.data), known?.data) && isSameState(now, thing)))
    throw error;
  return now;
}

function isSameState(now: MappedRecord, thing: Thing): boolean {
  return isSame(JSON.parse(now.raw), rawOf(thing));
}

async function writeSide(
  thing: Thing,
  write: SideWrite,
  { step, tell, resource }: WriteParts,
  writer: SideWriter,
  turn: number,
): Promise<Written | WriteAnswer | { readonly heard: PageRecord }> {
  const { record, revision } = thing.request;
  if (write.kind === "create") {
    const answer = await tell({ kind: "creating", data: canonicalJson(write.data) });
    if (answer.kind !== "kept") return answer;
    const { created, isFound } = await create(() => step(createStep(thing.request), () => send(thing, write.data, writer)), tell);
    const found = isFound ? await writer.read(created) : undefined;
    if (found?.kind === "mapped") return { heard: found };
    return await toWritten(thing, write, created, writer, idOf(created, resource.id));
  }
  const id = idOfSide(thing) ?? "";
  const name = `${write.kind} ${id} ${revision}.${turn} ${digestOf(thing, write)}`;
  if (write.kind === "delete") {
    await step(name, () => writer.delete(id));
    return {
      write,
      before: thing[thing.request.side],
      after: { data: null, version: null },
      record: gone(id),
    };
  }
  const changed = await step(name, () => writer.update(id, write, { record, raw: rawOf(thing) }));
  return await toWritten(thing, write, changed, writer, id);
}

/**
 * What is written, and over what. It is in the name of the step, with the state that it was decided on: back to a value that it had before is another operation, and so is what an attempt
 * decides that knows more than the one before it. Taken for done, it would never be written, and what the side has would count as its own way of writing it.
 */
function digestOf(thing: Thing, write: Exclude<SideWrite, { readonly kind: "create" }>): string {
  const values = write.kind === "delete" ? null : pick(write.data, write.changes);
  const over = { data: thing[thing.request.side]?.data, raw: rawOf(thing) };
  return createHash("sha256").update(canonicalJson({ values, over })).digest("base64url").slice(0, 16);
}

/** One name as long as the side has none: whichever message comes to it, it is one operation. After a deletion it is another. */
function createStep(request: WriteRequest): string {
  return `create ${request[request.side]?.position ?? 0}`;
}

/** Where it is sure that nothing was created, the next attempt need not look for it first. */
async function create<Sent>(attempt: () => Promise<Sent>, tell: WriteParts["tell"]): Promise<Sent> {
  try {
    return await attempt();
  } catch (error) {
    if (isNotCreated(error)) await tell({ kind: "uncreated" });
    throw error;
  }
}

/** A create, as its step keeps it. */
interface Created {
  readonly created: unknown;
  /** It was there, and nothing of ours has ever been sent: somebody else has made it, and what it says is no way of writing what we say. */
  readonly isFound: boolean;
}

async function send({ request: { record, creation } }: Thing, data: Fields, writer: SideWriter): Promise<Created> {
  const created = await writer.create(data, record);
  return { created, isFound: creation === "looked" && currentOperation()?.wrote === false };
}

async function toWritten(
  thing: Thing,
  write: Exclude<SideWrite, { readonly kind: "delete" }>,
  answer: unknown,
  writer: SideWriter,
  id: string | undefined,
): Promise<Written> {
  const record = answer === null || answer === undefined ? undefined : await writer.read(answer);
  const before = thing[thing.request.side];
  if (record?.kind === "deleted" || record?.kind === "mapped") return { write, before, after: toAfter(record), record };
  // What the provider answered cannot be mapped, or it answered nothing: it has what was written, until a walk sees what it has made of it.
  const data = write.kind === "create" ? write.data : { ...before?.data, ...pick(write.data, write.changes) };
  const assumed = id === undefined ? undefined : writer.assume(id, data, answer ?? rawOf(thing) ?? null);
  return { write, before, after: { data, version: null }, record: assumed };
}
