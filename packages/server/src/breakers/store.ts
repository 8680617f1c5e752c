import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { breakerTiming } from "./timing.ts";
import type { BreakerKey, OpenBreaker, ProbeAnswer, ProviderSize, Trip } from "./types.ts";

export const breakerChannel = "belay_breaker";

/** Tells other processes that a breaker has changed; delivered when the transaction commits. */
export async function notifyBreakers(db: Db): Promise<void> {
  await sql`select pg_notify(${breakerChannel}, '')`.execute(db);
}

interface Row {
  readonly tenant: string;
  readonly scope: "connection" | "provider";
  readonly name: string;
}

/** A breaker's row; the connection's id has no slash, its tenant may. */
export function toRow({ scope, key }: BreakerKey): Row {
  if (scope === "provider") return { tenant: "", scope, name: key };
  const slash = key.lastIndexOf("/");
  return { tenant: key.slice(0, Math.max(0, slash)), scope, name: key.slice(slash + 1) };
}

/** Opens a connection's breaker, unless its provider's is. Opening it again says only whether it fails alone. */
export async function openConnection(db: Db, { connection, provider, alone }: Trip): Promise<void> {
  const { tenant, name } = toRow({ scope: "connection", key: connection });
  await sql`
    insert into belay.breaker (tenant, scope, name, provider, alone, probe_at)
    select ${tenant}, 'connection', ${name}, ${provider}, ${alone}::boolean,
      (select belay.now()) + ${breakerTiming.firstProbeMs}::float8 * interval '1 millisecond'
    where not exists (select from belay.breaker p where p.tenant = '' and p.scope = 'provider' and p.name = ${provider})
    on conflict (tenant, scope, name) do update set alone = excluded.alone, failed_at = (select belay.now())
  `.execute(db);
}

/**
 * Opens a provider's breaker when enough of its connections fail alike: at least three, or all where there are but two, and not of one tenant alone where there are more.
 * Connections whose neighbours do well do not count. The connections' own breakers are absorbed. Two that judge at once judge one after the other.
 *
 * @returns whether it was closed and is not any more.
 */
export async function judgeProvider(db: Db, provider: string, size: ProviderSize): Promise<boolean> {
  if (size.connections < 2) return false;
  await sql`select pg_advisory_xact_lock(hashtext('belay provider'), hashtext(${provider}))`.execute(db);
  const { rows } = await sql`
    with alike as materialized (
      select tenant, name from belay.breaker
      where provider = ${provider} and scope = 'connection' and not alone
        and failed_at > (select belay.now()) - ${breakerTiming.alikeMs}::float8 * interval '1 millisecond'
    )
    insert into belay.breaker (tenant, scope, name, provider, alone, probe_at)
    select '', 'provider', ${provider}, ${provider}, false,
      (select belay.now()) + ${breakerTiming.firstProbeMs}::float8 * interval '1 millisecond'
    from alike
    having count(*) >= ${Math.min(3, size.connections)}::integer and count(distinct tenant) >= ${Math.min(2, size.tenants.length)}::integer
    on conflict (tenant, scope, name) do nothing
    returning 1
  `.execute(db);
  if (rows.length === 0) return false;
  await sql`delete from belay.breaker where provider = ${provider} and scope = 'connection' and not alone`.execute(db);
  return true;
}

/** Makes the caller the one that probes, if a probe is due and nobody does. @returns its token, or when to ask again. */
export async function claimProbe(db: Db, key: BreakerKey): Promise<ProbeAnswer> {
  const { tenant, scope, name } = toRow(key);
  const { rows } = await sql<{ token: number }>`
    update belay.breaker
    set probe_token = probe_token + 1, probe_until = (select belay.now()) + ${breakerTiming.probeLeaseMs}::float8 * interval '1 millisecond'
    where tenant = ${tenant} and scope = ${scope} and name = ${name}
      and probe_at <= (select belay.now()) and (probe_until is null or probe_until <= (select belay.now()))
    returning probe_token::float8 as token
  `.execute(db);
  if (rows[0] !== undefined) return rows[0];
  const { rows: waits } = await sql<{ ms: number }>`
    select greatest(0, extract(epoch from greatest(probe_at, probe_until) - (select belay.now())) * 1000)::float8 as ms
    from belay.breaker where tenant = ${tenant} and scope = ${scope} and name = ${name}
  `.execute(db);
  // Closed meanwhile: the news is on its way.
  return { afterMs: waits[0]?.ms ?? 100 };
}

/** Closes a breaker after a probe that went well, if the probe still counts. @returns since when it was open, ms; `undefined`: it does not count. */
export async function closeBreaker(db: Db, key: BreakerKey, token: number): Promise<{ readonly openMs: number } | undefined> {
  const { tenant, scope, name } = toRow(key);
  const { rows } = await sql<{ openMs: number }>`
    delete from belay.breaker
    where tenant = ${tenant} and scope = ${scope} and name = ${name} and probe_token = ${token}::bigint and probe_until is not null
    returning (extract(epoch from (select belay.now()) - opened_at) * 1000)::float8 as "openMs"
  `.execute(db);
  return rows[0];
}

/** Opens a breaker again after a probe that failed, for longer. @returns its provider; `undefined`: the probe does not count any more. */
export async function reopenBreaker(db: Db, key: BreakerKey, token: number, alone: boolean): Promise<string | undefined> {
  const { tenant, scope, name } = toRow(key);
  const { firstProbeMs, longestProbeMs } = breakerTiming;
  const { rows } = await sql<{ provider: string }>`
    update belay.breaker
    set openings = openings + 1, failed_at = (select belay.now()), probe_until = null, alone = scope = 'connection' and ${alone}::boolean,
      probe_at = (select belay.now()) + least(${longestProbeMs}::float8, ${firstProbeMs}::float8 * 2 ^ least(openings, 20)) * interval '1 millisecond'
    where tenant = ${tenant} and scope = ${scope} and name = ${name} and probe_token = ${token}::bigint and probe_until is not null
    returning provider
  `.execute(db);
  return rows[0]?.provider;
}

/** Gives a probe back that told nothing: the next one may go at once. */
export async function releaseProbe(db: Db, key: BreakerKey, token: number): Promise<void> {
  const { tenant, scope, name } = toRow(key);
  await sql`
    update belay.breaker set probe_until = null
    where tenant = ${tenant} and scope = ${scope} and name = ${name} and probe_token = ${token}::bigint
  `.execute(db);
}

/** Connections of the provider that were open before fail alone, because this one does well. @returns whether that is new. */
export async function vouchFor(db: Db, provider: string, connection: string): Promise<boolean> {
  const { tenant, name } = toRow({ scope: "connection", key: connection });
  const { rows } = await sql`
    update belay.breaker set alone = true
    where provider = ${provider} and scope = 'connection' and not alone and (tenant, name) <> (${tenant}::text, ${name}::text)
      and failed_at < (select belay.now()) - interval '1 second'
    returning 1
  `.execute(db);
  return rows.length > 0;
}

/** More are open only when much more is wrong than that. */
const mostOpen = 10_000;

/** All that is not closed. */
export async function readOpen(db: Db): Promise<OpenBreaker[]> {
  const { rows } = await sql<OpenBreaker>`
    select scope, case when scope = 'provider' then name else tenant || '/' || name end as key, provider,
      scope = 'connection' and not alone as suspected,
      greatest(0, extract(epoch from greatest(probe_at, probe_until) - (select belay.now())) * 1000)::float8 as "probeInMs"
    from belay.breaker order by scope desc, tenant, name limit ${mostOpen}
  `.execute(db);
  return rows;
}

/** A breaker that is not closed, for people. */
export interface BreakerRow {
  readonly scope: "connection" | "provider";
  readonly tenant: string;
  readonly name: string;
  readonly provider: string;
  readonly openedAt: string;
  readonly probeAt: string;
  readonly probing: boolean;
}

/** All that is not closed, for people; those of providers come first. */
export async function describeOpen(db: Db): Promise<BreakerRow[]> {
  const { rows } = await sql<BreakerRow>`
    select scope, tenant, name, provider, to_char(opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "openedAt",
      to_char(probe_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "probeAt",
      coalesce(probe_until > (select belay.now()), false) as probing
    from belay.breaker order by scope desc, opened_at limit ${mostOpen}
  `.execute(db);
  return rows;
}
