import { BelayError, type ErrorRow, isBelayError, type Resource, type Sync, valueAt } from "@belay/sdk";
import type { ListingPage, PageReader } from "@belay/sdk/http";
import { type MapParts, mapRecord, type PageRecord } from "@belay/sdk/sync";
import { type NextWalk, nextWalkOf, openSource, type Source, type SourceEntry, type SourceState, type SyncPosition } from "@belay/sdk/walk";
import { PageKeeper } from "./keep-pages.ts";
import { readSyncSettings } from "./read-sync-settings.ts";
import type { PageAnswer, WalkEnding, WalkPage, WalkRequest } from "../syncs/index.ts";

export interface WalkParts {
  readonly sync: Sync;
  readonly resource: Resource;
  /** What the connector says of error answers. Default: nothing, so their status decides. */
  readonly errors?: readonly ErrorRow[];
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

/** How often in one turn a walk goes on from a lost cursor. */
const mostRecoveries = 20;

/**
 * Goes on with a walk from where it stands until it ends, its turn is over, or it is told to stop. While pages are being kept, the next one is mapped, and the one after it read: a
 * walk holds these two in memory, and what `PageKeeper` has, whatever its length.
 *
 * @throws `SYNC_SETTINGS_INVALID`, and what reading and keeping throw: the walk goes on from the last page that was kept.
 */
export async function runWalk(request: WalkRequest, parts: WalkParts): Promise<void> {
  const walk = await openWalk(request, parts);
  if (request.troubled.length > 0 && !(await retryTroubles(request, parts, walk))) return;
  const turnEndsAt = parts.now() + parts.turnMs;
  let { state } = walk;
  let reading = walk.read(state);
  const keeping = new PageKeeper(parts.keep);
  let recoveries = 0;
  for (;;) {
    const at = state;
    const page = await reading.catch((error: unknown) => {
      recoveries += 1;
      if (!isExpired(error, at, parts.errors) || recoveries > mostRecoveries) throw error;
      return undefined;
    });
    if (page === undefined) {
      const recovery = walk.source.recover(state);
      if (!(await keeping.all())) return;
      if (recovery.kind !== "more") {
        await parts.keep(toPage([], recovery.state, { end: walk.endOfLost(recovery) }));
        return;
      }
      ({ state } = recovery);
      reading = quietly(walk.read(state));
      continue;
    }
    const taken = walk.source.take(state, page);
    if (taken.kind === "invalid")
      throw new BelayError("CLIENT_RESPONSE_INVALID", `${walk.label}: the provider's answer ${taken.what} (${taken.path}).`, {
        retry: "backoff",
      });
    const yields = taken.kind === "more" && parts.now() >= turnEndsAt;
    if (taken.kind === "more" && !yields) reading = quietly(walk.read(taken.state));
    const records = await walk.map("entries" in taken ? taken.entries : page.records.map((record) => ({ kind: "record", record })));
    if (!(await keeping.room())) return;
    ({ state } = taken);
    const expected = walk.expectedOf(page);
    if (taken.kind === "more") {
      keeping.add(toPage(records, state, { expected, yields }));
      if (!yields) continue;
      await keeping.all();
      return;
    }
    const end: WalkEnding =
      taken.kind === "stuck"
        ? { reached: false, proof: null, whyNone: taken.whyNone, progress: null }
        : {
            reached: true,
            proof: taken.proof ?? null,
            whyNone: taken.whyNone,
            progress: JSON.stringify(taken.progress(walk.before, request.startedAtMs)),
          };
    if (await keeping.all()) await parts.keep(toPage(records, state, { expected, end }));
    return;
  }
}

/** Its failure is met where it is awaited, a page later. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function toPage(
  records: readonly PageRecord[],
  state: SourceState,
  { expected = null, yields = false, end }: { readonly expected?: number | null; readonly yields?: boolean; readonly end?: WalkEnding },
): WalkPage {
  return { records, pages: 1, cursor: JSON.stringify(state), expected, yields, ...(end && { end }) };
}

interface Walk {
  readonly label: string;
  readonly source: Source;
  readonly state: SourceState;
  /** What was known before it. */
  readonly before: SyncPosition;
  read(state: SourceState): Promise<ListingPage>;
  map(entries: readonly SourceEntry[]): Promise<PageRecord[]>;
  expectedOf(page: ListingPage): number | null;
  /** How a walk ends whose cursor is gone: where the provider refuses the sync's token, the next one reads everything. */
  endOfLost(recovery: { readonly kind: "lost" | "refused"; readonly state: SourceState }): WalkEnding;
}

async function openWalk(request: WalkRequest, parts: WalkParts): Promise<Walk> {
  const { sync, resource, tenant, connection } = parts;
  const settings = await readSyncSettings(sync, tenant, JSON.parse(request.settings));
  const place = sync.in === undefined ? undefined : parts.enter(() => sync.in?.(settings as never));
  const reader = parts.openReader(place);
  // Both were written by this very file, and sealed.
  const before = request.progress === null ? {} : (JSON.parse(request.progress) as SyncPosition);
  const filters = Object.entries(sync.filters ?? {}).map(([name, value]) => [name, String(value)] as const);
  const source = openSource(resource, nextOf(request, resource, before), { parameters: Object.fromEntries(filters) });
  const state = request.cursor === null ? source.begin() : source.resume(JSON.parse(request.cursor) as SourceState);
  const mapParts: MapParts = { sync, id: resource.id, enter: parts.enter };
  const context = { tenant, connection, settings: settings as never };
  return {
    label: `${sync.source.connector}.${sync.source.resource}.list`,
    source,
    state,
    before,
    read: (at) => {
      const { listing, plan, request: asked } = source.ask(at);
      return reader.read(plan, asked, listing);
    },
    map: async (entries) =>
      await Promise.all(
        entries.map(async (entry): Promise<PageRecord> => {
          if (entry.kind === "deleted") return { kind: "deleted", externalId: entry.id, version: null, named: true };
          const record = await mapRecord(mapParts, context, entry.record);
          // A slip of a new mapping may leave out everything: that waits for somebody, as a provider's mistake does.
          return record.kind === "deleted" ? { ...record, named: true } : record;
        }),
      ),
    expectedOf: ({ answer }) => (resource.list === undefined ? null : totalOf(resource.list.paging, answer.body)),
    endOfLost: (recovery) => ({
      reached: false,
      proof: null,
      whyNone: recovery.state.walk.doubts,
      progress: recovery.kind === "refused" ? JSON.stringify({ ...before, tokenRefused: true } satisfies SyncPosition) : null,
    }),
  };
}

/** What the walk is to read: as it was decided when it began, by the same facts. */
function nextOf({ kind, startedAtMs }: WalkRequest, resource: Resource, before: SyncPosition): NextWalk {
  if (kind === "first") return { kind };
  if (kind !== "incremental") return { kind: "full", why: "due" };
  return nextWalkOf(resource.changes, before, { nowMs: startedAtMs });
}

/** Maps the records of earlier troubles once more. @returns whether the walk may go on. */
async function retryTroubles({ troubled }: WalkRequest, parts: WalkParts, walk: Walk): Promise<boolean> {
  const records = await walk.map(troubled.map(({ raw }): SourceEntry => ({ kind: "record", record: JSON.parse(raw) as unknown })));
  const page = toPage(records, walk.state, {});
  return (await parts.keep({ ...page, pages: 0, retried: troubled.map(({ externalId }) => externalId) })).goOn;
}

/** What the provider says that there is. */
function totalOf(paging: NonNullable<Resource["list"]>["paging"], body: unknown): number | null {
  if (!("end" in paging) || !("total" in paging.end)) return null;
  const total = valueAt(body, paging.end.total);
  return typeof total === "number" && Number.isSafeInteger(total) && total >= 0 ? total : null;
}

/** The provider refuses a place in its listing that it gave out itself, or a token that stands for the last walk: it has expired, or what it stood for is gone. */
function isExpired(error: unknown, { walk: { position } }: SourceState, rows: readonly ErrorRow[] = []): boolean {
  if (!isBelayError(error)) return false;
  // Where the connector knows how its provider says it, that is surer than a status: WebDAV answers 403, as to what is forbidden.
  const row = rows.find(({ code }) => code === error.code);
  if (row?.answers?.some((kind) => kind === "cursor-expired" || kind === "cursor-invalid") === true) return true;
  const status = error.details["status"];
  // At its start a walk sends no cursor; what is gone there is a token of the walk before.
  if (position.at === "start") return status === 410;
  return status === 400 || status === 404 || status === 410 || status === 422;
}
