import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { findByKey, findMessages, type MessageSummary, readIdWindow, readMessages, searchMessages } from "../mailbox/index.ts";
import { candidates, findReferenced, type ReferenceWriter } from "../references/index.ts";
import { type Clock, timeOfTrace } from "../telemetry/index.ts";
import { kindsOf, tenantsOf } from "./reference-kinds.ts";
import type { Cipher } from "../vault/index.ts";

export interface StoryParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Catalog;
  readonly references: ReferenceWriter;
  readonly clock: Clock;
}

export interface StoryQuery {
  /** Any handle: id of a message, of a trace, of an event or of a record, an order key, a reference, a tenant. */
  readonly ref: string;
  /** Only messages of this one. Default: of all. */
  readonly tenant?: string | undefined;
  /** Only ids below this one: the last of the page before. */
  readonly below?: number | undefined;
  readonly limit: number;
}

export interface FoundStory {
  readonly message: MessageSummary;
  /** The handles that `ref` is of this message: `message`, `trace`, `event`, `order`, `tenant`, or the kind of a reference. */
  readonly foundBy: readonly string[];
}

export interface StoryPage {
  /** Newest first. */
  readonly items: readonly FoundStory[];
  /** Where the next page begins: ids below this one. `null` when there is no more. */
  readonly below: number | null;
}

interface Hit {
  readonly id: number;
  readonly by: string;
}

interface Search extends StoryQuery {
  readonly below: number;
}

/**
 * Finds messages by whatever people have in hand, wherever the messages are in their life. Nobody has to say what kind of handle it is: one text may be several, and then all
 * that it leads to is found.
 */
export async function findStories(parts: StoryParts, query: StoryQuery): Promise<StoryPage> {
  const search = { ...query, ref: query.ref.trim(), below: query.below ?? Number.MAX_SAFE_INTEGER };
  const byTenant = await findByTenant(parts, search);
  if (byTenant !== undefined) return byTenant;
  const sources = [
    findById(search),
    await findByTrace(parts, search),
    await findByReference(parts, search),
    await findByKeys(parts, search),
  ];
  const found = new Map<number, Set<string>>();
  for (const { id, by } of sources.flat()) found.set(id, (found.get(id) ?? new Set()).add(by));
  const ids = [...found.keys()].toSorted((a, b) => b - a).slice(0, search.limit);
  const messages = await readMessages(parts.db, parts.cipher, ids, search.tenant);
  const full = found.size > ids.length || sources.some((hits) => hits.length >= search.limit);
  return {
    items: messages.map((message) => ({ message, foundBy: [...(found.get(message.id) ?? [])].toSorted() })),
    below: full ? (ids.at(-1) ?? null) : null,
  };
}

/** The name of a tenant means its newest messages; it is not looked for as anything else. */
async function findByTenant(
  { db, cipher, catalog, clock }: StoryParts,
  { ref, tenant, below, limit }: Search,
): Promise<StoryPage | undefined> {
  if (!tenantsOf(catalog).has(ref) || (tenant !== undefined && tenant !== ref)) return undefined;
  const page = await searchMessages(db, cipher, clock, { tenant: ref }, { limit, ...(below !== Number.MAX_SAFE_INTEGER && { below }) });
  return { items: page.items.map((message) => ({ message, foundBy: ["tenant"] })), below: page.below };
}

function findById({ ref, below }: Search): Hit[] {
  const id = /^\d{1,15}$/.test(ref) ? Number(ref) : 0;
  return id > 0 && id < below ? [{ id, by: "message" }] : [];
}

/** By the time that Belay's own trace ids begin with; the first window holds unless a clock is wrong, or the database kept the event waiting. */
const traceWindows = [
  { beforeMs: 2_000, afterMs: 5_000 },
  { beforeMs: 60_000, afterMs: 120_000 },
] as const;

/** Somebody else's trace is a reference, see `findByReference`. */
async function findByTrace({ db, cipher, clock }: StoryParts, { ref, tenant, below, limit }: Search): Promise<Hit[]> {
  const traceId = traceIdIn(ref);
  const beganAt = traceId === undefined ? Number.POSITIVE_INFINITY : timeOfTrace(traceId);
  if (traceId === undefined || beganAt > clock.now() + traceWindows[1].afterMs) return [];
  for (const { beforeMs, afterMs } of traceWindows) {
    const window = await readIdWindow(db, beganAt - beforeMs, beganAt + afterMs);
    const found = await findMessages(db, cipher, { tenant, traceId }, { from: window.from, below: Math.min(below, window.below) }, limit);
    if (found.length > 0) return found.map(({ id }) => ({ id, by: "trace" }));
  }
  return [];
}

/** 32 hexadecimal digits, alone or in a traceparent. */
function traceIdIn(ref: string): string | undefined {
  return /^(?:00-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/.exec(ref.toLowerCase())?.[1];
}

async function findByReference({ db, catalog, references }: StoryParts, { ref, tenant, below, limit }: Search): Promise<Hit[]> {
  const tenants = tenant === undefined ? [...tenantsOf(catalog)] : [tenant];
  const traceId = traceIdIn(ref);
  const items = tenants.map((each) => ({
    tenant: each,
    references: [...candidates(ref, kindsOf(catalog)), ...(traceId === undefined ? [] : [{ kind: "trace", value: traceId }])],
  }));
  const kinds = await references.identify(items);
  if (kinds.size === 0) return [];
  const found = await findReferenced(db, [...kinds.keys()], below, limit);
  return found.map(({ message, fingerprint }) => ({ id: message, by: kinds.get(fingerprint) ?? "" }));
}

async function findByKeys({ db }: StoryParts, { ref, tenant, below, limit }: Search): Promise<Hit[]> {
  return await findByKey(db, { tenant, key: ref, below }, limit);
}
