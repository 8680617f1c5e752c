import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { Role } from "./roles.ts";

export type OperatorRole = Exclude<Role, "tenant">;

export interface StoredOperator {
  readonly id: string;
  /** Sealed. */
  readonly name: Uint8Array;
  readonly kind: "local" | "oidc";
  readonly role: OperatorRole;
  readonly password: string | null;
  readonly createdAt: string;
  readonly signedInAt: string | null;
  readonly barredAt: string | null;
}

export interface NewOperator extends Pick<StoredOperator, "id" | "name" | "kind" | "role" | "password"> {
  /** Of what it signs in by. */
  readonly fingerprint: Uint8Array;
}

const shown = sql`
  id, name, kind, role, password, ${time("created_at")} as "createdAt", ${time("signed_in_at")} as "signedInAt", ${time("barred_at")} as "barredAt"
`;

export async function hasOperators(db: Db): Promise<boolean> {
  const { rows } = await sql`select 1 from belay.operator limit 1`.execute(db);
  return rows.length > 0;
}

/** Makes the first local operator; of several who ask at once, one. @returns whether it was made. */
export async function insertFirstOperator(tx: Db, { id, fingerprint, name, role, password }: NewOperator): Promise<boolean> {
  const { rows } = await sql`
    insert into belay.operator (id, fingerprint, name, kind, role, password)
    select ${id}, ${fingerprint}::bytea, ${name}::bytea, 'local', ${role}, ${password}
    where not exists (select 1 from belay.operator)
    on conflict do nothing returning 1
  `.execute(tx);
  return rows.length > 0;
}

/** Makes an operator whom an identity provider vouches for, or brings its name and role up to date. */
export async function upsertOperator(tx: Db, { id, fingerprint, name, role }: NewOperator): Promise<StoredOperator | undefined> {
  const { rows } = await sql<StoredOperator>`
    insert into belay.operator (id, fingerprint, name, kind, role) values (${id}, ${fingerprint}::bytea, ${name}::bytea, 'oidc', ${role})
    on conflict (fingerprint) do update set name = excluded.name, role = excluded.role
    returning ${shown}
  `.execute(tx);
  return rows[0];
}

export async function findOperator(db: Db, fingerprint: Uint8Array): Promise<StoredOperator | undefined> {
  const { rows } = await sql<StoredOperator>`select ${shown} from belay.operator where fingerprint = ${fingerprint}::bytea`.execute(db);
  return rows[0];
}

export async function selectOperators(db: Db): Promise<StoredOperator[]> {
  const { rows } = await sql<StoredOperator>`select ${shown} from belay.operator order by created_at, id limit 1000`.execute(db);
  return rows;
}

/** Lets an operator in no more, and ends its sessions. @returns whether there is such an operator. */
export async function barOperator(tx: Db, id: string): Promise<boolean> {
  const { rows } = await sql`update belay.operator set barred_at = coalesce(barred_at, belay.now()) where id = ${id} returning 1`.execute(
    tx,
  );
  await sql`update belay.operator_session set ended_at = belay.now() where operator = ${id} and ended_at is null`.execute(tx);
  return rows.length > 0;
}

/**
 * Counts an attempt to sign in, before it is looked at, so that many at once are counted too. The first five of an hour are free; each further one has to wait, twice as long
 * every time. One that comes too early does not count, or whoever knocks without end would keep others out for ever.
 *
 * @returns whether it may be made now.
 */
export async function takeAttempt(db: Db, subject: Uint8Array, longestWaitMs: number): Promise<boolean> {
  const { rows } = await sql`
    insert into belay.sign_in_failure as f (subject, failures, failed_at) values (${subject}::bytea, 1, belay.now())
    on conflict (subject) do update
      set failures = case when f.failed_at < belay.now() - interval '1 hour' then 1 else least(f.failures + 1, 30) end, failed_at = belay.now()
      where f.failures < 5
        or f.failed_at <= belay.now() - least(1000 * power(2, f.failures - 5), ${longestWaitMs}::float8) * interval '1 millisecond'
    returning 1
  `.execute(db);
  return rows.length > 0;
}

export async function forgetAttempts(db: Db, subjects: readonly Uint8Array[]): Promise<void> {
  for (const subject of subjects) await sql`delete from belay.sign_in_failure where subject = ${subject}::bytea`.execute(db);
}

function time(column: string): ReturnType<typeof sql> {
  return sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
