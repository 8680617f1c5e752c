import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { CredentialState } from "./states.ts";

export interface CredentialKey {
  readonly tenant: string;
  readonly connection: string;
}

/** A row as it is read: times as milliseconds from now, by the database's clock, so that a process whose own clock is wrong does not mistake them. */
export interface CredentialRow extends CredentialKey {
  readonly connector: string;
  readonly version: number;
  /** Sealed. */
  readonly fields: Uint8Array | null;
  readonly state: CredentialState;
  readonly expiresInMs: number | null;
  readonly idleExpiresInMs: number | null;
  readonly refreshInMs: number | null;
  readonly refreshedAgoMs: number | null;
  readonly scopes: readonly string[] | null;
  readonly account: { readonly id?: string; readonly name?: string } | null;
  readonly tokenPrint: Uint8Array | null;
  readonly sourcePrint: Uint8Array | null;
  /** Somebody renews it now. */
  readonly leased: boolean;
  readonly leaseGeneration: number;
  readonly unanswered: number;
  readonly sentAgoMs: number | null;
  /** A call may still be on its way to the provider for so long. */
  readonly settlesInMs: number | null;
  readonly code: string | null;
  readonly failingForMs: number | null;
  readonly attempts: number;
  readonly connectedBy: string | null;
  readonly connectedAgoMs: number;
}

const fromNow = (column: string): RawBuilder<unknown> => sql`(extract(epoch from ${sql.raw(column)} - belay.now()) * 1000)::float8`;
const untilNow = (column: string): RawBuilder<unknown> => sql`(extract(epoch from belay.now() - ${sql.raw(column)}) * 1000)::float8`;
const later = (ms: number | null): RawBuilder<unknown> => sql`(belay.now() + ${ms}::float8 * interval '1 millisecond')`;

const columns = sql`
  tenant, connection, connector, version, fields, state, scopes, account, attempts, code, unanswered, token_print as "tokenPrint", source_print as "sourcePrint",
  lease_generation as "leaseGeneration", lease_until is not null and lease_until > belay.now() as leased, connected_by as "connectedBy",
  ${fromNow("expires_at")} as "expiresInMs", ${fromNow("idle_expires_at")} as "idleExpiresInMs", ${fromNow("refresh_at")} as "refreshInMs",
  ${fromNow("settles_at")} as "settlesInMs", ${untilNow("refreshed_at")} as "refreshedAgoMs", ${untilNow("sent_at")} as "sentAgoMs",
  ${untilNow("failing_since")} as "failingForMs", ${untilNow("connected_at")} as "connectedAgoMs"
`;

/** Rows of these connections, as far as there are any. */
export async function readCredentials(db: Db, keys: readonly CredentialKey[]): Promise<CredentialRow[]> {
  const { rows } = await sql<CredentialRow>`
    select c.* from json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text, connection text)
    cross join lateral (
      select ${columns} from belay.credential c where c.tenant = x.tenant and c.connection = x.connection
    ) c
  `.execute(db);
  return rows;
}

export async function readCredential(db: Db, key: CredentialKey): Promise<CredentialRow | undefined> {
  const [row] = await readCredentials(db, [{ tenant: key.tenant, connection: key.connection }]);
  return row;
}

/** What is sealed and when it ends. */
export interface NewFields {
  /** The version that they are sealed for: one above the version they replace. */
  readonly version: number;
  readonly fields: Uint8Array;
  readonly tokenPrint: Uint8Array | null;
  readonly expiresInMs: number | null;
  readonly idleExpiresInMs: number | null;
  readonly refreshInMs: number | null;
  /** `undefined`: what is known already stays. */
  readonly scopes: readonly string[] | undefined;
  readonly account: { readonly id?: string; readonly name?: string } | undefined;
}

/**
 * Puts a credential in place that a person, or the configuration, has given. Whatever was there before it no longer counts, nor does a renewal of it that is under way.
 *
 * @returns false when another version came first: read it, seal for the next one, and try again.
 */
export async function putCredential(
  db: Db,
  key: CredentialKey,
  given: NewFields & { readonly connector: string; readonly sourcePrint: Uint8Array | null; readonly actor: string },
): Promise<boolean> {
  const { rows } = await sql`
    insert into belay.credential as c (tenant, connection, connector, version, fields, state, expires_at, idle_expires_at, refresh_at, scopes, account, token_print,
      source_print, connected_by)
    values (${key.tenant}, ${key.connection}, ${given.connector}, ${given.version}::integer, ${given.fields}::bytea, 'connected', ${later(given.expiresInMs)},
      ${later(given.idleExpiresInMs)}, ${later(given.refreshInMs)}, ${toJson(given.scopes)}::json, ${toJson(given.account)}::json, ${given.tokenPrint}::bytea,
      ${given.sourcePrint}::bytea, ${given.actor})
    on conflict (tenant, connection) do update set
      connector = excluded.connector, version = excluded.version, fields = excluded.fields, state = 'connected', expires_at = excluded.expires_at,
      idle_expires_at = excluded.idle_expires_at, refresh_at = excluded.refresh_at, refreshed_at = null, scopes = excluded.scopes, account = excluded.account,
      token_print = excluded.token_print, source_print = excluded.source_print, lease_owner = null, lease_until = null, unanswered = 0, sent_at = null,
      settles_at = null, code = null, failing_since = null, attempts = 0, connected_by = excluded.connected_by, connected_at = belay.now(), changed_at = belay.now()
    where c.version = excluded.version - 1
    returning 1
  `.execute(db);
  return rows.length > 0;
}

export interface LeaseWish {
  readonly version: number;
  readonly owner: string;
  readonly leaseMs: number;
  /** The token ends by being used. */
  readonly singleUse: boolean;
  /** For so long after it left, a call of which no answer came may still reach the provider. */
  readonly settleMs: number;
}

/**
 * Takes the lease of a renewal, and writes down in the same statement that a call is about to be made: whoever finds the row after a crash knows it.
 *
 * A single-use token whose last call has no known answer is not sent again before that call has surely settled: were it still on its way, the provider would see the
 * token twice, and end the grant that the second call had just got.
 *
 * @returns the row, under its new generation; undefined when somebody else has the lease, the version is another by now, or there is something to wait for.
 */
export async function takeLease(db: Db, key: CredentialKey, wish: LeaseWish): Promise<CredentialRow | undefined> {
  const { rows } = await sql<CredentialRow>`
    update belay.credential set
      lease_owner = ${wish.owner}, lease_generation = lease_generation + 1, lease_until = ${later(wish.leaseMs)},
      unanswered = case when ${wish.singleUse} then unanswered + 1 else 0 end,
      sent_at = belay.now(), settles_at = case when ${wish.singleUse} then ${later(wish.settleMs)} end,
      -- Were this process killed now, the next would look at this time.
      refresh_at = ${later(wish.singleUse ? Math.max(wish.settleMs, wish.leaseMs) : wish.leaseMs)}
    where tenant = ${key.tenant} and connection = ${key.connection} and version = ${wish.version}::integer
      and state not in ('disconnected', 'needs_reconnect') and (lease_until is null or lease_until <= belay.now())
      and (unanswered = 0 or settles_at is null or settles_at <= belay.now())
    returning ${columns}
  `.execute(db);
  return rows[0];
}

/** Keeps the lease while its call runs. @returns false when it is somebody else's by now; the call goes on all the same. */
export async function extendLease(
  db: Db,
  key: CredentialKey,
  generation: number,
  { leaseMs, settleMs, singleUse }: Pick<LeaseWish, "leaseMs" | "settleMs" | "singleUse">,
): Promise<boolean> {
  const { rows } = await sql`
    update belay.credential set
      lease_until = ${later(leaseMs)}, settles_at = case when ${singleUse} then ${later(settleMs)} end,
      refresh_at = ${later(singleUse ? Math.max(settleMs, leaseMs) : leaseMs)}
    where tenant = ${key.tenant} and connection = ${key.connection} and lease_generation = ${generation}::bigint and lease_until is not null
    returning 1
  `.execute(db);
  return rows.length > 0;
}

/**
 * Puts in place what a renewal was granted: only over the version whose refresh token was used. Whose the lease is now does not matter: the answer of a provider is the
 * grant, however late it comes.
 *
 * @returns false when there is another version by now; this grant is nobody's then.
 */
export async function storeRenewed(db: Db, key: CredentialKey, used: Uint8Array | null, renewed: NewFields): Promise<boolean> {
  const { rows } = await sql`
    update belay.credential set
      version = ${renewed.version}::integer, fields = ${renewed.fields}::bytea, token_print = ${renewed.tokenPrint}::bytea, state = 'connected',
      expires_at = ${later(renewed.expiresInMs)}, idle_expires_at = ${later(renewed.idleExpiresInMs)}, refresh_at = ${later(renewed.refreshInMs)},
      refreshed_at = belay.now(), scopes = coalesce(${toJson(renewed.scopes)}::json, scopes), account = coalesce(${toJson(renewed.account)}::json, account),
      lease_owner = null, lease_until = null, unanswered = 0, sent_at = null, settles_at = null, code = null, failing_since = null, attempts = 0,
      changed_at = belay.now()
    where tenant = ${key.tenant} and connection = ${key.connection} and version = ${renewed.version - 1}::integer and state <> 'disconnected'
      and token_print is not distinct from ${used}::bytea
    returning 1
  `.execute(db);
  return rows.length > 0;
}

export interface Failure {
  readonly version: number;
  readonly generation: number;
  readonly state: CredentialState;
  readonly code: string;
  /** The call has surely consumed nothing, or was answered: it is no longer among those without an answer. */
  readonly answered: boolean;
  /** When to try again; `null`: not at all. */
  readonly retryInMs: number | null;
}

/** Writes down how a renewal failed, and gives the lease back. @returns false when the lease or the version is another by now: then it is of no consequence. */
export async function noteFailure(db: Db, key: CredentialKey, failure: Failure): Promise<boolean> {
  const { rows } = await sql`
    update belay.credential set
      state = ${failure.state}, code = ${failure.code}, attempts = attempts + 1, failing_since = coalesce(failing_since, belay.now()),
      refresh_at = ${later(failure.retryInMs)}, lease_owner = null, lease_until = null,
      unanswered = greatest(0, unanswered - ${failure.answered ? 1 : 0}::integer),
      settles_at = case when ${failure.answered} and unanswered <= 1 then null else settles_at end,
      changed_at = case when state is distinct from ${failure.state} or code is distinct from ${failure.code} then belay.now() else changed_at end
    where tenant = ${key.tenant} and connection = ${key.connection} and version = ${failure.version}::integer
      and lease_generation = ${failure.generation}::bigint and lease_until is not null
    returning 1
  `.execute(db);
  return rows.length > 0;
}

/** Connections that are to be renewed now, longest due first. Down an index: what is not due costs nothing. */
export async function findDue(db: Db, limit: number): Promise<CredentialKey[]> {
  const { rows } = await sql<CredentialKey>`
    select tenant, connection from belay.credential
    where refresh_at <= (select belay.now()) and (lease_until is null or lease_until <= (select belay.now()))
    order by refresh_at limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** Lets a renewal wait that this process cannot make. */
export async function postpone(db: Db, key: CredentialKey, ms: number): Promise<void> {
  await sql`
    update belay.credential set refresh_at = ${later(ms)}
    where tenant = ${key.tenant} and connection = ${key.connection} and refresh_at <= belay.now()
  `.execute(db);
}

/** What has changed its version or state within so many milliseconds. */
export async function findChanged(
  db: Db,
  withinMs: number,
): Promise<(CredentialKey & { readonly version: number; readonly state: CredentialState })[]> {
  const { rows } = await sql<CredentialKey & { readonly version: number; readonly state: CredentialState }>`
    select tenant, connection, version, state from belay.credential
    where changed_at > (select belay.now()) - ${withinMs}::float8 * interval '1 millisecond'
  `.execute(db);
  return rows;
}

/** Forgets what is secret, and keeps that it was there. @returns false when there is nothing to forget. */
export async function forgetFields(db: Db, key: CredentialKey): Promise<boolean> {
  const { rows } = await sql`
    update belay.credential set
      version = version + 1, fields = null, token_print = null, state = 'disconnected', expires_at = null, idle_expires_at = null, refresh_at = null, lease_owner = null,
      lease_until = null, unanswered = 0, sent_at = null, settles_at = null, code = null, failing_since = null, attempts = 0, scopes = null, account = null,
      changed_at = belay.now()
    where tenant = ${key.tenant} and connection = ${key.connection} and state <> 'disconnected'
    returning 1
  `.execute(db);
  return rows.length > 0;
}

function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
