import { BelayError } from "@belay/sdk";
import { baseSchema, type UnifiedModel } from "@belay/sdk/models";
import { emailKey, normaliseEmail, normalisePhone } from "@belay/sdk/normalise";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { findRecords, readRecord, type RecordFilter, type ShownRecord } from "../records/index.ts";
import { readSyncs } from "../syncs/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { mappingTo } from "./find-mapping.ts";
import { ageOf, type UnifiedView } from "./view.ts";

export interface KeptParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Catalog;
  readonly clock: Clock;
}

/** Which of a tenant's records are wanted; all of it has to fit. */
export interface KeptFilter {
  readonly tenant: string;
  readonly connection?: string | undefined;
  readonly externalId?: string | undefined;
  /** In any way of writing it. */
  readonly email?: string | undefined;
  /** In E.164. */
  readonly phone?: string | undefined;
  /** Changed here at this time or later, ISO 8601. */
  readonly updatedSince?: string | undefined;
}

interface PageWish {
  readonly after: Parameters<typeof findRecords>[2]["after"];
  readonly limit: number;
  readonly maxAgeSeconds: number;
}

/** A page of records as they are kept. */
export interface KeptPage {
  readonly views: readonly UnifiedView[];
  /** The last that was looked at, where there may be more behind it. */
  readonly last: ShownRecord | undefined;
}

/** Records of a model as they are kept, in the order of connection, resource and external id. @throws `UNIFIED_NOT_COVERED` for what only has the model's name. */
export async function listKept(
  parts: KeptParts,
  model: UnifiedModel,
  filter: KeptFilter,
  { after, limit, maxAgeSeconds }: PageWish,
): Promise<KeptPage> {
  const { email, phone, ...rest } = filter;
  const keys = [...(email === undefined ? [] : [emailOf(email)]), ...(phone === undefined ? [] : [phoneOf(phone)])];
  const wanted: RecordFilter = { ...rest, model: model.model, keys };
  const found = await findRecords(parts, wanted, { after, limit });
  return { views: await toViews(parts, model, found, maxAgeSeconds), last: found.length < limit ? undefined : found.at(-1) };
}

/** The records of a canonical id, one of each connection that has it. */
export async function readKept(
  parts: KeptParts,
  model: UnifiedModel,
  tenant: string,
  id: string,
  maxAgeSeconds: number,
): Promise<UnifiedView[]> {
  const found = await readRecord(parts, tenant, id);
  const there = found.filter((record) => record.model === model.model && record.deletedAt === null);
  return await toViews(parts, model, there, maxAgeSeconds);
}

/** By what records with this address are found, in any way of writing it. What nobody can have normalised cannot be found: it is compared as it is. */
export function emailOf(text: string): string {
  const normal = normaliseEmail(text);
  return `email\n${emailKey("value" in normal ? normal.value : text)}`;
}

/** The same of a telephone number in E.164. */
export function phoneOf(text: string): string {
  const normal = normalisePhone(text);
  return `phone\n${"value" in normal ? normal.value : text}`;
}

async function toViews(
  parts: KeptParts,
  model: UnifiedModel,
  found: readonly ShownRecord[],
  maxAgeSeconds: number,
): Promise<UnifiedView[]> {
  const base = baseSchema(model.fields);
  // What cannot be read any more, as the tenant's keys were destroyed since, is nobody's; its next walk brings it anew.
  const records = found.filter(({ data }) => data !== null);
  for (const record of records) if (!base.safeParse(record.data).success) throw notOfModel(model, record);
  const readAt = await readTimes(parts, records);
  return records.map((record): UnifiedView => {
    const { id, connection, resource, externalId, data, raw, lineage } = record;
    const at = parts.catalog.connections.get(connection);
    const connector = parts.catalog.connectors.get(at?.connector ?? "");
    const mapping = mappingTo(connector, record);
    const url =
      raw === null || raw === undefined || mapping?.resource !== resource ? undefined : mapping.url(raw as never, at?.settings ?? {});
    return {
      id,
      data,
      source: { provider: at?.connector ?? "", connection, resource, externalId, url: url ?? null },
      mapping: lineage.mapping,
      ...ageOf(parts.clock, later(lineage.changedAt, readAt.get(`${lineage.sync}\n${connection}`) ?? null), maxAgeSeconds),
      live: false,
    };
  });
}

/** A sync may map to a model of its own that has the name of one of ours: that is told, not given out as what it is not. */
function notOfModel(model: UnifiedModel, { lineage, connection, externalId }: ShownRecord): BelayError {
  const text = `Sync "${lineage.sync}" at "${connection}" keeps records called ${model.model} that are none of this model, such as ${externalId}.`;
  return new BelayError("UNIFIED_NOT_COVERED", text);
}

/** When each sync at each connection has last read to the end: what did not change is not written, but it was looked at. */
async function readTimes(parts: KeptParts, records: readonly ShownRecord[]): Promise<ReadonlyMap<string, string | null>> {
  const times = new Map<string, string | null>();
  for (const { connection, lineage, tenant } of records.map((record) => ({
    ...record,
    tenant: parts.catalog.connections.get(record.connection)?.tenant,
  }))) {
    const { sync } = lineage;
    if (sync === null || tenant === undefined || times.has(`${sync}\n${connection}`)) continue;
    const [state] = await readSyncs(parts, { tenant, sync, connection }, { limit: 1 });
    times.set(`${sync}\n${connection}`, state?.lastCompleteAt ?? null);
  }
  return times;
}

function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
