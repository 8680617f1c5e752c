import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { DiscrepancyClass, DiscrepancyRow, NewDiscrepancy, Repair, SkipReason } from "./types.ts";

interface PlanKey {
  readonly tenant: string;
  readonly id: number;
}

/** Where each discrepancy lies, found from its key and locked: were they joined to the rows, a plan might walk through all of a comparison for every page. */
const placeOf = ({ tenant, id }: PlanKey, ofClass: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  cross join lateral (
    select d.ctid as place from belay.discrepancy d
    where d.tenant = ${tenant} and d.reconciliation = ${id}::bigint and d.external_id = x."externalId" and d.class = ${ofClass} limit 1 for update
  ) p
`;

/** Writes down what was found; what is there already stays. */
export async function insertDiscrepancies(tx: Db, { tenant, id }: PlanKey, found: readonly NewDiscrepancy[]): Promise<void> {
  if (found.length === 0) return;
  const rows = found.map(({ contents, ...row }) => ({
    ...row,
    contents: contents === null ? null : Buffer.from(contents).toString("hex"),
  }));
  await sql`
    insert into belay.discrepancy (tenant, reconciliation, external_id, class, why, repair, record, position, source_version, other, contents)
    select ${tenant}, ${id}::bigint, "externalId", class, why, repair, record, position, version, other, decode(contents, 'hex')
    from json_to_recordset(${JSON.stringify(rows)}::json) as x("externalId" text collate "C", class text, why text, repair text, record text, position bigint,
      version bigint, other text, contents text)
    on conflict (tenant, reconciliation, external_id, class) do nothing
  `.execute(tx);
}

/** Forgets what is looked for at the end of a comparison, before it is looked for again. */
export async function clearConclusions(tx: Db, { tenant, id }: PlanKey): Promise<void> {
  await sql`
    delete from belay.discrepancy where tenant = ${tenant} and reconciliation = ${id}::bigint
      and (repair = 'relink' or (repair = 'delete' and why <> 'not-ours'))
  `.execute(tx);
}

/** What a comparison did not find listed, by external id, from behind one of them on. */
export async function readUnlisted(db: Db, { tenant, id }: PlanKey, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ externalId: string }>`
    select external_id as "externalId" from belay.discrepancy where tenant = ${tenant} and reconciliation = ${id}::bigint and why = 'not-listed' and external_id > ${after}
    order by external_id limit ${limit}
  `.execute(db);
  return rows.map(({ externalId }) => externalId);
}

/** Which of these a comparison found; with a class, only of that. */
export async function findDiscrepant(
  db: Db,
  { tenant, id }: PlanKey,
  repair: Repair,
  externalIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ externalId: string }>`
    select d.external_id as "externalId" from json_array_elements_text(${JSON.stringify(externalIds)}::json) x(id)
    cross join lateral (
      select external_id from belay.discrepancy d
      where d.tenant = ${tenant} and d.reconciliation = ${id}::bigint and d.external_id = x.id and d.repair = ${repair} limit 1
    ) d
  `.execute(db);
  return new Set(rows.map(({ externalId }) => externalId));
}

/** Says of what is not listed that it is kept twice. */
export async function setDuplicated(
  tx: Db,
  { tenant, id }: PlanKey,
  rows: readonly { readonly externalId: string; readonly twin: string; readonly why: string }[],
): Promise<void> {
  await sql`
    update belay.discrepancy d set class = 'duplicated', why = x.why, other = x.twin
    from (
      select x.*, p.place from json_to_recordset(${JSON.stringify(rows)}::json) as x("externalId" text collate "C", twin text, why text)
      ${placeOf({ tenant, id }, sql`'extra'`)}
    ) x
    where d.ctid = x.place and d.why = 'not-listed'
  `.execute(tx);
}

/** How many there are of each class and state. */
export async function countDiscrepancies(
  db: Db,
  tenant: string,
  ids: readonly number[],
): Promise<{ readonly id: number; readonly class: DiscrepancyClass; readonly state: DiscrepancyRow["state"]; readonly count: number }[]> {
  const { rows } = await sql<{ id: number; class: DiscrepancyClass; state: DiscrepancyRow["state"]; count: number }>`
    select d.reconciliation as id, d.class, d.state, count(*)::integer as count from json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
    cross join lateral (select * from belay.discrepancy d where d.tenant = ${tenant} and d.reconciliation = x.id::bigint offset 0) d
    group by 1, 2, 3
  `.execute(db);
  return rows;
}

const columns = sql`external_id as "externalId", class, why, repair, state, why_skipped as "whySkipped", record, position, source_version as version, other, contents`;

/** What a comparison found, by external id and class, from behind a place on. */
export async function readDiscrepancies(
  db: Db,
  { tenant, id }: PlanKey,
  {
    only,
    after,
    limit,
  }: { readonly only: DiscrepancyClass | undefined; readonly after: readonly [string, string]; readonly limit: number },
): Promise<DiscrepancyRow[]> {
  const { rows } = await sql<DiscrepancyRow>`
    select ${columns} from belay.discrepancy where tenant = ${tenant} and reconciliation = ${id}::bigint and (${only ?? null}::text is null or class = ${only ?? null})
      and (external_id, class) > (${after[0]}, ${after[1]}) order by external_id, class limit ${limit}
  `.execute(db);
  return rows;
}

/** What is left to do of a kind of repair. */
export async function readOpenRepairs(
  db: Db,
  { tenant, id }: PlanKey,
  { repair, after, limit }: { readonly repair: Repair; readonly after: string; readonly limit: number },
): Promise<DiscrepancyRow[]> {
  const { rows } = await sql<DiscrepancyRow>`
    select ${columns} from belay.discrepancy where tenant = ${tenant} and reconciliation = ${id}::bigint and repair = ${repair} and state = 'open' and external_id > ${after}
    order by external_id limit ${limit}
  `.execute(db);
  return rows;
}

/** What became of a repair. */
export interface Settled {
  readonly externalId: string;
  readonly class: DiscrepancyClass;
  /** Undefined: it was done. */
  readonly whySkipped?: SkipReason;
}

/** Settles repairs that are open. @returns how many were. */
export async function settleRepairs(tx: Db, { tenant, id }: PlanKey, settled: readonly Settled[]): Promise<number> {
  if (settled.length === 0) return 0;
  const { numAffectedRows = 0n } = await sql`
    update belay.discrepancy d set state = case when x."whySkipped" is null then 'applied' else 'skipped' end, why_skipped = x."whySkipped"
    from (
      select x.*, p.place from json_to_recordset(${JSON.stringify(settled)}::json) as x("externalId" text collate "C", class text collate "C", "whySkipped" text)
      ${placeOf({ tenant, id }, sql`x.class`)}
    ) x
    where d.ctid = x.place and d.state = 'open'
  `.execute(tx);
  return Number(numAffectedRows);
}
