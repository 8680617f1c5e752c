import { createHash } from "node:crypto";
import { canonicalJson, type MappedRecord, type PageRecord } from "@belay/sdk/sync";
import type { Db } from "../db/index.ts";
import {
  type ComparableRecord,
  digestOf,
  digestRecords,
  findComparable,
  fingerprintRecords,
  readContentsAt,
  type RecordContents,
  type RecordPrint,
} from "../records/index.ts";
import type { ComparedWalk } from "../syncs/index.ts";
import type { Cipher } from "../vault/index.ts";
import { classify, classifyContents } from "./classify.ts";
import { sealDiscrepancies } from "./contents.ts";
import { differingFields } from "./differing-fields.ts";
import type { Finding, NewDiscrepancy } from "./types.ts";

interface CompareParts {
  readonly db: Db;
  readonly cipher: Cipher;
}

/** What a page showed. */
export interface PageComparison {
  readonly discrepancies: readonly NewDiscrepancy[];
  readonly compared: number;
  /** The checksums agreed: no record was looked at by itself. */
  readonly windowEqual: boolean;
  readonly sampled: number;
  readonly troubled: number;
  /** Somebody changed them while they were compared. */
  readonly moved: number;
}

/** A record that is other than it should be; `record` null: there is nothing to write. */
interface Found {
  readonly finding: Finding;
  readonly externalId: string;
  readonly kept: ComparableRecord | undefined;
  readonly record: MappedRecord | null;
  readonly fields: readonly string[];
}

/**
 * Compares a page with what is kept, the cheapest first: a checksum of all its records; where that differs, the hash and the match keys of each; and of a share of all records
 * what is kept itself. Reads only.
 *
 * @param sample 0 to 1. Which records are looked at is drawn from their ids and the comparison, so that another one looks at others.
 * @throws what the database and `Cipher` throw.
 */
export async function comparePage(
  parts: CompareParts,
  { origin, begunAfter }: ComparedWalk,
  { id, sample }: { readonly id: number; readonly sample: number },
  records: readonly PageRecord[],
): Promise<PageComparison> {
  const named = [
    ...new Map(records.flatMap((record) => (record.kind === "trouble" ? [] : [[record.externalId, record] as const]))).values(),
  ];
  const mapped = named.filter((record) => record.kind === "mapped");
  const prints = await fingerprintRecords(parts.cipher, origin.tenant, mapped);
  const ids = named.map(({ externalId }) => externalId);
  const windowEqual = ids.length === 0 || (await digestRecords(parts.db, origin, ids)) === digestOf(prints);
  const drawn = mapped.filter(({ externalId }) => isDrawn(externalId, id, sample));
  const looked = windowEqual ? drawn : named;
  const kept = looked.length === 0 ? new Map<string, ComparableRecord>() : await findComparable(parts.db, origin, looked.map(nameOf));
  const contents = await contentsOf(parts, origin.tenant, { kept, prints, drawn });
  const print = new Map(prints.map((one) => [one.externalId, one]));
  const isDeep = new Set(drawn.map(nameOf));
  const found = looked.flatMap((record) => {
    const { externalId } = record;
    return look(record, { print: print.get(externalId), kept: kept.get(externalId), contents, isDeep: isDeep.has(externalId) });
  });
  // What changed behind the end of the feed at the beginning may have been read before or after that.
  const settled = found.filter((one) => one.kept === undefined || one.kept.position <= begunAfter);
  return {
    discrepancies: await seal(parts.cipher, origin.tenant, settled),
    compared: named.length,
    windowEqual,
    sampled: drawn.length,
    troubled: records.filter(({ kind }) => kind === "trouble").length,
    moved: found.length - settled.length,
  };
}

function nameOf({ externalId }: { readonly externalId: string }): string {
  return externalId;
}

function isDrawn(externalId: string, id: number, sample: number): boolean {
  if (sample <= 0) return false;
  return createHash("sha256").update(`${id}\n${externalId}`).digest().readUInt32BE(0) < sample * 2 ** 32;
}

/** What is kept of the records that were drawn, and of those whose hashes differ: it says why they do. By position. */
async function contentsOf(
  parts: CompareParts,
  tenant: string,
  {
    kept,
    prints,
    drawn,
  }: {
    readonly kept: ReadonlyMap<string, ComparableRecord>;
    readonly prints: readonly RecordPrint[];
    readonly drawn: readonly MappedRecord[];
  },
): Promise<ReadonlyMap<number, RecordContents>> {
  const differing = prints.flatMap(({ externalId, hash }) => {
    const one = kept.get(externalId);
    return one === undefined || one.hash === null || one.hash === hash ? [] : [one.position];
  });
  const sampled = drawn.flatMap(({ externalId }) => kept.get(externalId)?.position ?? []);
  return await readContentsAt(parts, tenant, [...new Set([...differing, ...sampled])]);
}

function look(
  record: Exclude<PageRecord, { kind: "trouble" }>,
  {
    print,
    kept,
    contents,
    isDeep,
  }: {
    readonly print: RecordPrint | undefined;
    readonly kept: ComparableRecord | undefined;
    readonly contents: ReadonlyMap<number, RecordContents>;
    /** What is kept of it is compared as well. */
    readonly isDeep: boolean;
  },
): Found[] {
  const { externalId } = record;
  const found = (finding: Finding, fields: readonly string[] = []): Found[] => [
    { finding, externalId, kept, record: record.kind === "mapped" ? record : null, fields },
  ];
  if (record.kind === "deleted" || print === undefined) {
    const finding = classify(null, kept && { ...kept, isSameRaw: undefined });
    return finding === undefined ? [] : found(finding);
  }
  const held = kept && contents.get(kept.position);
  const isSameRaw = held === undefined ? undefined : canonicalJson(held.raw) === canonicalJson(JSON.parse(record.raw));
  const finding = classify({ ...print, version: record.version }, kept && { ...kept, isSameRaw });
  const data = (): unknown => JSON.parse(record.data);
  if (finding !== undefined) return found(finding, held === undefined ? [] : differingFields(held.data, data()));
  // Its hash is right.
  if (!isDeep) return [];
  const inside = classifyContents(record.data, held === undefined ? undefined : canonicalJson(held.data));
  return inside === undefined ? [] : found(inside, differingFields(held?.data, data()));
}

async function seal(cipher: Cipher, tenant: string, found: readonly Found[]): Promise<NewDiscrepancy[]> {
  const sealed = await sealDiscrepancies(
    cipher,
    tenant,
    found.map(({ record, fields }) => ({ record, fields })),
  );
  return found.map(({ finding, externalId, kept }, index) => ({
    ...finding,
    externalId,
    record: kept?.id ?? null,
    position: kept?.position ?? null,
    version: kept?.version ?? null,
    other: null,
    contents: sealed[index] ?? null,
  }));
}
