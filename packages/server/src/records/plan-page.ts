import type { DeletedRecord, MappedRecord, PageRecord, TroubledRecord } from "@belay/sdk/sync";
import type { Db } from "../db/index.ts";
import { changePurpose } from "../feed/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher, Sealable } from "../vault/index.ts";
import { contentsText } from "./contents.ts";
import { type DrawBytes, recordIds } from "./record-id.ts";
import { findKept } from "./store.ts";
import { troublePurpose, troubleText } from "./troubles.ts";
import type {
  Identified,
  Identify,
  KnownRecord,
  NewRecord,
  PagePlan,
  PlannedRecord,
  PlannedTrouble,
  RecordOrigin,
  TouchedRecord,
} from "./types.ts";

/** What plans are made with. */
export interface PlanParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
  /** Default: every record is a thing of its own. */
  readonly identify?: Identify | undefined;
  /** For the ids of new records. Default: what the system gives. */
  readonly drawBytes?: DrawBytes;
}

/**
 * Works out what a page of records changes, compared with what is kept, and seals it. Reads, and writes nothing: not in a transaction. Of records with the same id the one with
 * the highest version counts, of those the last. Records that the provider has named as deleted are only counted out: see `PagePlan.leaving`.
 *
 * @param retried Names of troubles that are among the records again.
 * @param overwrite Writes also what looks the same or older: what is kept is known to be wrong.
 * @throws what `Cipher` throws.
 */
export async function planPage(
  parts: PlanParts,
  origin: RecordOrigin,
  records: readonly PageRecord[],
  retried: readonly string[] = [],
  { overwrite = false }: { readonly overwrite?: boolean } = {},
): Promise<PagePlan> {
  const { cipher } = parts;
  const named = distinct(records);
  const troubles = records.filter((record) => record.kind === "trouble");
  const mapped = named.filter((record) => record.kind === "mapped");
  const kept = await keptOf(parts.db, origin, named);
  const hashes = await hashesOf(cipher, origin.tenant, mapped);
  const newId = recordIds(parts.clock.now(), parts.drawBytes);
  const changed: Sourced[] = [];
  const touched: TouchedRecord[] = [];
  const leaving: string[] = [];
  let unchanged = 0;
  for (const record of named) {
    const known = kept.get(record.externalId);
    const hash = record.kind === "mapped" ? (hashes.get(record) ?? missing()) : null;
    const isStale = !overwrite && isOlder(record.version, known?.version);
    if (isStale || (known === undefined ? hash === null : isSame(known, hash, origin) && (hash === null || !overwrite))) {
      unchanged += 1;
      if (!isStale && known !== undefined && record.version !== null && record.version !== known.version)
        touched.push({ externalId: record.externalId, version: record.version, position: known.position });
      continue;
    }
    if (record.kind === "deleted" && record.named === true) {
      leaving.push(record.externalId);
      continue;
    }
    changed.push({ ...toChange(record, known, newId), hash, source: record.kind === "mapped" ? record : undefined });
  }
  const keyed = await withKeys(cipher, origin.tenant, changed);
  const identified = await identifyNew(parts, origin, keyed);
  const isLeaving = new Set(leaving);
  return {
    origin,
    changed: await sealChanges(cipher, origin, withIds(keyed, identified)),
    ...(identified && { identified }),
    touched,
    troubles: await sealTroubles(cipher, origin, troubles),
    ids: [...new Set([...named, ...troubles].map(({ externalId }) => externalId).filter((id) => id !== null))].filter(
      (id) => !isLeaving.has(id),
    ),
    leaving,
    retried: [...retried, ...leaving],
    counts: {
      created: changed.filter(({ kind }) => kind === "created").length,
      updated: changed.filter(({ kind }) => kind === "updated" || kind === "restored").length,
      deleted: changed.filter(({ kind }) => kind === "deleted").length,
      unchanged,
      troubled: troubles.length,
      growth: changed.reduce((sum, { kind }) => sum + (growthOf[kind] ?? 0), 0),
    },
  };
}

type Change = Pick<PlannedRecord, "externalId" | "kind" | "id" | "hash" | "version" | "previous" | "previousVersion">;
type Sourced = Change & { readonly source: MappedRecord | undefined };
/** With the keyed hashes of what it is recognised by, as many as its source has keys. */
type Keyed = Sourced & { readonly fingerprints: readonly string[] };

const growthOf: Readonly<Partial<Record<PlannedRecord["kind"], number>>> = { created: 1, restored: 1, deleted: -1 };

function toChange(record: MappedRecord | DeletedRecord, known: KnownRecord | undefined, newId: () => string): Omit<Change, "hash"> {
  const { externalId, version } = record;
  if (known === undefined) return { externalId, kind: "created", id: newId(), version, previous: null, previousVersion: null };
  const kind = record.kind === "deleted" ? "deleted" : known.hash === null ? "restored" : "updated";
  return { externalId, kind, id: known.id, version, previous: known.position, previousVersion: known.version };
}

/** Whether a record is kept like this already. Of another model it is something else, whatever its fields are: who reads by models would not find it. */
function isSame(known: KnownRecord, hash: string | null, { model }: RecordOrigin): boolean {
  return known.hash === hash && (hash === null || known.model === model);
}

/** Whether one version is before another; what has none is before nothing. */
function isOlder(version: number | null, other: number | null | undefined): boolean {
  return version !== null && typeof other === "number" && version < other;
}

/** What is there of each id, once. */
function distinct(records: readonly PageRecord[]): readonly (MappedRecord | DeletedRecord)[] {
  const byId = new Map<string, MappedRecord | DeletedRecord>();
  for (const record of records) {
    if (record.kind === "trouble") continue;
    const other = byId.get(record.externalId);
    if (isOlder(record.version, other?.version)) continue;
    byId.set(record.externalId, record);
  }
  return [...byId.values()];
}

async function keptOf(
  db: Db,
  origin: RecordOrigin,
  records: readonly { readonly externalId: string }[],
): Promise<ReadonlyMap<string, KnownRecord>> {
  if (records.length === 0) return new Map();
  const ids = records.map(({ externalId }) => externalId);
  return new Map((await findKept(db, origin, ids)).map((kept) => [kept.externalId, kept]));
}

/** Hexadecimal. */
async function hashesOf(cipher: Cipher, tenant: string, mapped: readonly MappedRecord[]): Promise<ReadonlyMap<MappedRecord, string>> {
  if (mapped.length === 0) return new Map();
  const hashes = await cipher.fingerprint(mapped.map(({ data }) => ({ tenant, value: data })));
  return new Map(mapped.map((record, index) => [record, toHex(hashes[index] ?? missing())]));
}

async function sealChanges(cipher: Cipher, origin: RecordOrigin, changes: readonly Keyed[]): Promise<PlannedRecord[]> {
  if (changes.length === 0) return [];
  const { tenant, model } = origin;
  const withContents = changes.filter(({ source }) => source !== undefined);
  const sealed = await cipher.seal(
    withContents.map(({ id, source }): Sealable => {
      const { data, raw } = source ?? missing();
      return { tenant, purpose: changePurpose({ model, record: id }), value: Buffer.from(contentsText(data, raw, origin)) };
    }),
  );
  let sealedAt = 0;
  return changes.map(({ source, fingerprints, ...change }): PlannedRecord => {
    if (source === undefined) return { ...change, keys: null, contents: undefined };
    return { ...change, keys: fingerprints.length === 0 ? null : fingerprints, contents: sealed[sealedAt++] ?? missing() };
  });
}

async function withKeys(cipher: Cipher, tenant: string, changes: readonly Sourced[]): Promise<readonly Keyed[]> {
  const values = changes.flatMap(({ source }) => (source?.keys ?? []).map((value) => ({ tenant, value })));
  const fingerprints = values.length === 0 ? [] : await cipher.fingerprint(values);
  let at = 0;
  return changes.map((change) => ({
    ...change,
    fingerprints: (change.source?.keys ?? []).map(() => toHex(fingerprints[at++] ?? missing())),
  }));
}

async function identifyNew({ identify }: PlanParts, origin: RecordOrigin, changes: readonly Keyed[]): Promise<Identified | undefined> {
  const created = changes.filter(({ kind }) => kind === "created");
  if (identify === undefined || created.length === 0) return undefined;
  const records = created.map(({ externalId, id, hash, source, fingerprints }): NewRecord => {
    const keys = fingerprints.map((key, index) => ({ kind: kindOf(source?.keys[index] ?? ""), key }));
    return { externalId, id, hash: hash ?? missing(), data: source?.data ?? missing(), keys };
  });
  return await identify(origin, records);
}

/** Of a key that is written `kind\nvalue`. */
function kindOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf("\n")));
}

function withIds(changes: readonly Keyed[], identified: Identified | undefined): readonly Keyed[] {
  if (identified === undefined) return changes;
  return changes.map((change) =>
    change.kind === "created" ? { ...change, id: identified.ids.get(change.externalId) ?? change.id } : change,
  );
}

async function sealTroubles(
  cipher: Cipher,
  { tenant, sync }: RecordOrigin,
  troubles: readonly TroubledRecord[],
): Promise<PlannedTrouble[]> {
  if (troubles.length === 0) return [];
  const purpose = troublePurpose(sync);
  const sealed = await cipher.seal(troubles.map((trouble) => ({ tenant, purpose, value: Buffer.from(troubleText(trouble)) })));
  const nameless = await cipher.fingerprint(troubles.map(({ raw }) => ({ tenant, value: raw })));
  const planned = troubles.map(({ externalId, code }, index): PlannedTrouble => {
    const name = externalId ?? `#${toHex(nameless[index] ?? missing())}`;
    return { externalId: name, code, contents: toHex(sealed[index] ?? missing()) };
  });
  return [...new Map(planned.map((trouble) => [trouble.externalId, trouble])).values()];
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

function missing(): never {
  throw new Error("The cipher gave back fewer than it was given.");
}
