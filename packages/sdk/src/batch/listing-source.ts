import type { ResourceReference } from "../connector/resource-reference.ts";
import type { ErrorRow, Resource } from "../connector/types.ts";
import { valueAt } from "../connector/value-at.ts";
import { BelayError, isBelayError } from "../errors/belay-error.ts";
import type { PageReader } from "../http/client/page-reader.ts";
import { validate } from "../schema/index.ts";
import { openSource } from "../sync/source/index.ts";
import type { Source, SourceState } from "../sync/source/index.ts";
import type { BatchPage, BatchRead } from "./define-batch.ts";

export interface ListingOptions {
  /** Narrows the listing: declared filters by name. Default: everything. */
  readonly filters?: Readonly<Record<string, string | number | boolean>>;
  /** Where the records live, for a path with placeholders, by what the run was started with. Default: the path has none. */
  readonly in?: (input: unknown) => Readonly<Record<string, string | number>>;
}

/** A set that is everything a provider lists of a resource. */
export interface ListingSource<Record> extends ListingOptions {
  readonly of: ResourceReference<Record>;
}

/** The resource at the tenant's connection, as whoever runs batches opens it. */
export interface OpenedListing {
  readonly resource: Resource;
  /** What the connector says of error answers. */
  readonly errors: readonly ErrorRow[];
  readonly open: (place: Readonly<Record<string, string | number>> | undefined) => PageReader;
}

/**
 * Everything that a provider lists: `over: listing(hubspot.contact)`. It is read as syncs read it, so that what comes and goes meanwhile costs no record; each is one item, by its
 * id. A record that does not fit the resource's schema fails alone. The tenant needs a connection to that connector, too.
 */
export function listing<Record>(of: ResourceReference<Record>, options: ListingOptions = {}): ListingSource<Record> {
  return { ...options, of };
}

export function isListing(over: unknown): over is ListingSource<unknown> {
  return typeof over === "object" && over !== null && "of" in over;
}

/** How often in one page a walk goes on from a lost cursor. */
const mostRecoveries = 5;

/** Reads the page of a listing at which the cursor stands. @throws what reading throws; `SDK_BATCH_LISTING_BROKEN` where the listing leads nowhere. */
export async function readListing(
  { of: reference, filters = {}, in: placeOf }: ListingSource<unknown>,
  { cursor, input }: Pick<BatchRead, "cursor" | "input">,
  { resource, errors, open }: OpenedListing,
): Promise<BatchPage<unknown>> {
  const parameters = Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, String(value)]));
  const source = openSource(resource, { kind: "first" }, { parameters });
  const reader = open(placeOf?.(input));
  // It was made by this very file, and kept.
  let state = cursor === null ? source.begin() : source.resume(cursor as SourceState);
  for (let recoveries = 0; ; recoveries++) {
    const asked = source.ask(state);
    try {
      return toPage(reference, source, state, await reader.read(asked.plan, asked.request, asked.listing));
    } catch (error) {
      const recovery = isRefusedCursor(error, state, errors) && recoveries < mostRecoveries ? source.recover(state) : undefined;
      if (recovery?.kind !== "more") throw error;
      ({ state } = recovery);
    }
  }
}

function toPage(
  { connector, resource }: ResourceReference,
  source: Source,
  state: SourceState,
  page: Parameters<Source["take"]>[1],
): BatchPage<unknown> {
  const taken = source.take(state, page);
  if (taken.kind === "invalid" || taken.kind === "stuck")
    throw new BelayError("SDK_BATCH_LISTING_BROKEN", `${connector}.${resource}: the listing ${taken.what}.`, { retry: "backoff" });
  const items = taken.entries.flatMap((entry) => (entry.kind === "record" ? [entry.record] : []));
  return { items, ...(taken.kind === "more" && { next: taken.state }) };
}

/** The id by which a record of a listing is one item, however often it is read; null: it has none that says which one it is. */
export function keyOfListed(resource: Resource, record: unknown): string | null {
  const id = valueAt(record, resource.id);
  // Records that share an empty id are not the same.
  return typeof id === "number" || (typeof id === "string" && id !== "") ? String(id) : null;
}

/** The record as its schema has it. @throws `SDK_BATCH_ITEM_MALFORMED` */
export async function parseListed({ schema, connector, resource }: ResourceReference, record: unknown): Promise<unknown> {
  const result = await validate(schema, record);
  if ("value" in result) return result.value;
  const issues = result.issues.map(({ path, message }) => `${path === "" ? "record" : path}: ${message}`).join("; ");
  throw new BelayError("SDK_BATCH_ITEM_MALFORMED", `The record does not fit ${connector}.${resource}: ${issues}.`);
}

/** The provider refuses a place in its listing that it gave out itself. */
function isRefusedCursor(error: unknown, { walk }: SourceState, errors: readonly ErrorRow[]): boolean {
  if (!isBelayError(error) || walk.position.at === "start") return false;
  const row = errors.find(({ code }) => code === error.code);
  if (row?.answers?.some((kind) => kind === "cursor-expired" || kind === "cursor-invalid") === true) return true;
  const status = error.details["status"];
  return status === 400 || status === 404 || status === 410 || status === 422;
}
