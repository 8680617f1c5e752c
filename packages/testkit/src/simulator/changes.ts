import { valueAt } from "@belay/sdk";
import type { Changes } from "@belay/sdk";
import { writeTime } from "@belay/sdk/walk";
import type { ListingHabits } from "./listing-habits.ts";
import type { ResourceModel } from "./resource-model.ts";
import { setAt } from "./set-at.ts";
import type { ResourceStore, StoredRecord } from "./store.ts";

/** What a listing of changes shows, and which moment a token on its last page stands for. */
export type ChangeView =
  | { readonly kind: "records"; readonly records: readonly StoredRecord[] }
  | { readonly kind: "refused"; readonly expired: boolean };

/** The records that a request for changes is about: those that changed, and what is left of those that are gone. Undefined: it is for none. */
export function viewChanges(
  { resource }: ResourceModel,
  store: ResourceStore,
  query: URLSearchParams,
  now: number,
  { tokenLifetimeMs = Infinity }: ListingHabits,
): ChangeView | undefined {
  const { changes } = resource;
  if (changes === undefined) return undefined;
  if (asksForDeleted(changes, query)) return { kind: "records", records: store.gone().map((record) => withDeletedAt(changes, record)) };
  const asked = query.get(changes.by.kind === "token" ? changes.by.parameter : changes.by.filter);
  if (asked === null) return undefined;
  if (changes.by.kind === "field") {
    if (changes.tombstone === undefined) return undefined;
    return { kind: "records", records: [...store.all(), ...store.gone().map((record) => buried(resource.id, changes, record))] };
  }
  const since = readChangeToken(asked);
  if (since === undefined || now - since >= tokenLifetimeMs) return { kind: "refused", expired: since !== undefined };
  const gone = changes.tombstone === undefined ? [] : store.gone().map((record) => buried(resource.id, changes, record));
  // What changed in the token's own millisecond may have been seen or not, so it is told again.
  return { kind: "records", records: [...store.all(), ...gone].filter((record) => changedAt(record) >= since) };
}

/** The token that stands for a moment. */
export function writeChangeToken(at: number): string {
  return Buffer.from(`since:${at}`).toString("base64url");
}

function readChangeToken(text: string): number | undefined {
  const [, at] = /^since:(\d{1,16})$/.exec(Buffer.from(text, "base64url").toString()) ?? [];
  return at === undefined ? undefined : Number(at);
}

/** When it was created or written last. */
export function changedAt({ createdAt, writes }: StoredRecord): number {
  return Math.max(createdAt, writes.at(-1)?.at ?? 0);
}

/** A listing of deletions at the resource's own path is known by its parameters. */
function asksForDeleted({ deleted }: Changes, query: URLSearchParams): boolean {
  const own = Object.entries(deleted?.query ?? {});
  return deleted !== undefined && deleted.path === undefined && own.length > 0 && own.every(([name, value]) => query.get(name) === value);
}

function withDeletedAt({ deleted }: Changes, record: StoredRecord): StoredRecord {
  if (deleted?.since === undefined) return record;
  return { ...record, body: { ...record.body, [deleted.since.field]: writeTime(changedAt(record), deleted.since.format) } };
}

/** What the listing of changes still says of a record that is gone. */
function buried(id: string, { tombstone, by }: Changes, record: StoredRecord): StoredRecord {
  const body: Record<string, unknown> = { [id]: valueAt(record.body, id) };
  if (tombstone !== undefined) setAt(body, tombstone.at, tombstone.is[0]);
  if (by.kind === "field") setAt(body, by.field, writeTime(changedAt(record), by.format));
  return { ...record, body };
}
