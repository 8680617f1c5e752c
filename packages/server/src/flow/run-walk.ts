import { BelayError, isBelayError, type Resource, type Sync, validate, valueAt } from "@belay/sdk";
import type { ListingPage, PageReader } from "@belay/sdk/http";
import { type MapParts, mapRecord, type PageRecord } from "@belay/sdk/sync";
import {
  beginWalk,
  continueWalk,
  planWalk,
  recoverWalk,
  requestOf,
  type SyncPosition,
  takePage,
  type WalkPlan,
  type WalkState,
} from "@belay/sdk/walk";
import type { PageAnswer, WalkEnding, WalkPage, WalkRequest } from "../syncs/index.ts";

export interface WalkParts {
  readonly sync: Sync;
  readonly resource: Resource;
  readonly tenant: string;
  readonly connection: string;
  /** Opens the reader in the place that the tenant's settings say. */
  readonly openReader: (place: Readonly<Record<string, string | number>> | undefined) => PageReader;
  /** Calls the sync's own code, and notes that it is in it. */
  readonly enter: <T>(code: () => T) => T;
  /** Resolves when the page is on disk. */
  readonly keep: (page: WalkPage) => Promise<PageAnswer>;
  readonly now: () => number;
  /** After so long the walk gives its place to others, ms. */
  readonly turnMs: number;
}

/** The most pages of a walk that leads nowhere new that are asked for before it is given up: each is a recovery from a lost cursor. */
const mostRecoveries = 20;

/**
 * Goes on with a walk from where it stands until it ends, its turn is over, or it is told to stop. While a page is being kept, the next one is mapped, and the one after it read: a
 * walk holds no more than three pages in memory, whatever its length.
 *
 * @throws `SYNC_SETTINGS_INVALID`, and what reading and keeping throw: the walk goes on from the last page that was kept.
 */
export async function runWalk(request: WalkRequest, parts: WalkParts): Promise<void> {
  const walk = await openWalk(request, parts);
  if (request.troubled.length > 0 && !(await retryTroubles(request, parts, walk))) return;
  const turnEndsAt = parts.now() + parts.turnMs;
  let { state } = walk;
  let reading = walk.read(state);
  let keeping: Promise<PageAnswer> = Promise.resolve({ goOn: true });
  let recoveries = 0;
  for (;;) {
    const page = await reading.catch((error: unknown) => {
      const recovery = isExpired(error, state) && recoveries < mostRecoveries ? recoverWalk(walk.plan, state) : undefined;
      if (recovery === undefined) throw error;
      recoveries += 1;
      return recovery;
    });
    if ("kind" in page) {
      if (!(await keeping).goOn) return;
      ({ state } = page);
      if (page.kind === "lost") {
        await parts.keep(toPage([], state, { end: { reached: false, proof: null, whyNone: state.doubts, progress: null } }));
        return;
      }
      reading = quietly(walk.read(state));
      continue;
    }
    const taken = takePage(walk.plan, state, page.answer);
    if (taken.kind === "invalid")
      throw new BelayError("CLIENT_RESPONSE_INVALID", `${walk.label}: the provider's answer ${taken.what} (${taken.path}).`, {
        retry: "backoff",
      });
    const yields = taken.kind === "more" && parts.now() >= turnEndsAt;
    if (taken.kind === "more" && !yields) reading = quietly(walk.read(taken.state));
    const fresh = "fresh" in taken ? taken.fresh.map((index) => page.records[index]) : page.records;
    walk.see(fresh);
    const records = await walk.map(fresh);
    if (!(await keeping).goOn) return;
    ({ state } = taken);
    const expected = walk.expectedOf(page);
    if (taken.kind !== "more") {
      const reached = taken.kind === "end";
      const proof = taken.kind === "end" ? (taken.proof ?? null) : null;
      const end: WalkEnding = { reached, proof, whyNone: taken.whyNone, progress: reached ? walk.progress(proof !== null, page) : null };
      await parts.keep(toPage(records, state, { expected, end }));
      return;
    }
    keeping = quietly(parts.keep(toPage(records, state, { expected, yields })));
    if (yields) {
      await keeping;
      return;
    }
  }
}

/** Its failure is met where it is awaited, a page later. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function toPage(
  records: readonly PageRecord[],
  state: WalkState,
  { expected = null, yields = false, end }: { readonly expected?: number | null; readonly yields?: boolean; readonly end?: WalkEnding },
): WalkPage {
  return { records, pages: 1, cursor: JSON.stringify(state), expected, yields, ...(end && { end }) };
}

interface Walk {
  readonly label: string;
  readonly plan: WalkPlan;
  readonly state: WalkState;
  read(state: WalkState): Promise<ListingPage>;
  map(records: readonly unknown[]): Promise<PageRecord[]>;
  /** Notes what the next walk can begin from. */
  see(records: readonly unknown[]): void;
  expectedOf(page: ListingPage): number | null;
  progress(proven: boolean, last: ListingPage): string;
}

async function openWalk(request: WalkRequest, parts: WalkParts): Promise<Walk> {
  const { sync, resource, tenant, connection } = parts;
  const settings = await readSettings(sync, tenant, JSON.parse(request.settings));
  const place = sync.in === undefined ? undefined : parts.enter(() => sync.in?.(settings as never));
  const reader = parts.openReader(place);
  const filters = Object.entries(sync.filters ?? {}).map(([name, value]) => [name, String(value)] as const);
  const { list } = resource;
  if (list === undefined)
    throw new BelayError("CLIENT_INPUT_INVALID", `${sync.source.connector}.${sync.source.resource} cannot be listed.`);
  const plan = planWalk(list, { id: resource.id, parameters: Object.fromEntries(filters), careful: true });
  const state = request.cursor === null ? beginWalk(plan) : continueWalk(plan, JSON.parse(request.cursor) as WalkState);
  const mapParts: MapParts = { sync, id: resource.id, enter: parts.enter };
  const context = { tenant, connection, settings: settings as never };
  const before = request.progress === null ? {} : (JSON.parse(request.progress) as SyncPosition);
  return {
    label: `${sync.source.connector}.${sync.source.resource}.list`,
    plan,
    state,
    read: (at) => reader.read(plan, requestOf(plan, at)),
    map: async (records) => await Promise.all(records.map((record) => mapRecord(mapParts, context, record))),
    see: () => {},
    expectedOf: ({ answer }) => totalOf(list.paging, answer.body),
    progress: (proven) => {
      const { startedAtMs } = request;
      const position: SyncPosition = {
        ...before,
        walkedAtMs: startedAtMs,
        fullAtMs: startedAtMs,
        ...(proven && { provenAtMs: startedAtMs }),
      };
      return JSON.stringify(position);
    },
  };
}

/** Maps the records of earlier troubles once more. @returns whether the walk may go on. */
async function retryTroubles({ troubled }: WalkRequest, parts: WalkParts, walk: Walk): Promise<boolean> {
  const records = await walk.map(troubled.map(({ raw }): unknown => JSON.parse(raw)));
  const page = toPage(records, walk.state, {});
  return (await parts.keep({ ...page, pages: 0, retried: troubled.map(({ externalId }) => externalId) })).goOn;
}

async function readSettings({ id, settings: schema }: Sync, tenant: string, settings: unknown): Promise<unknown> {
  if (schema === undefined) return settings;
  const result = await validate(schema, settings);
  if ("value" in result) return result.value;
  const issues = result.issues.map(({ path, message }) => `${path === "" ? "settings" : path}: ${message}`).join("; ");
  throw new BelayError("SYNC_SETTINGS_INVALID", `Sync "${id}", settings of tenant "${tenant}": ${issues}.`, {
    retry: { afterMs: 600_000 },
  });
}

/** What the provider says that there is. */
function totalOf(paging: NonNullable<Resource["list"]>["paging"], body: unknown): number | null {
  if (!("end" in paging) || !("total" in paging.end)) return null;
  const total = valueAt(body, paging.end.total);
  return typeof total === "number" && Number.isSafeInteger(total) && total >= 0 ? total : null;
}

/** The provider refuses a place in its listing that it gave out itself: the cursor has expired, or what it stood for is gone. */
function isExpired(error: unknown, { position }: WalkState): boolean {
  if (position.at === "start" || !isBelayError(error)) return false;
  const status = error.details["status"];
  return status === 400 || status === 404 || status === 410 || status === 422;
}
