import type { BelayError, Connection } from "@belay/sdk";
import { cannotBeUsed, type GivenCredential, hasExpired, type Kept, notConnected, usableUntil, waitsForPerson } from "./kept-credential.ts";
import type { Grant } from "../oauth/index.ts";
import { forgetCredential, type Giving, storeGiven } from "./give-credential.ts";
import type { Renewal } from "./plan-refresh.ts";
import { renewCredential, type RenewalParts } from "./renew-credential.ts";
import { type Fields, openFields } from "./seal-fields.ts";
import { type CredentialRow, findChanged, readCredential, readCredentials } from "./store.ts";
import { canRenew, takeOver } from "./take-over.ts";
import { type CredentialHealth, tellHealth } from "./tell-health.ts";

/** Who a connection is at its provider, now. */
export interface CredentialBook {
  /**
   * The credential to use for a call that is about to be made. No promise when it is in memory and has not expired; waits for a renewal that is due, up to half a minute.
   *
   * @throws the code of what keeps it from being used, with `details.waits` and when to ask again: a mailbox waits, and no attempt is used up.
   */
  current(connection: Connection): GivenCredential | Promise<GivenCredential>;
  /**
   * After the provider has refused version `version` of it: one renewal across all processes, or the newer one that is there already. Gives the refused one back where
   * nothing can be renewed, or it has been renewed just now: another would be refused as well.
   *
   * @throws as `current` does.
   */
  refused(connection: Connection, version: number): Promise<GivenCredential>;
  /** Puts what a person has connected in place, the first time and again; what waited for it goes on. @throws what `giving.together` throws; then nothing has changed. */
  store(connection: Pick<Connection, "id" | "tenant" | "connector">, grant: Grant, giving: Giving): Promise<void>;
  /** How credentials stand, by connection; those that stay as the configuration has them are not in it. */
  health(connections: readonly Connection[]): Promise<ReadonlyMap<string, CredentialHealth>>;
  /** All fields, with those that only renew it: for giving it back at the provider. `undefined` where there is none, or it cannot be opened any more. */
  reveal(connection: Connection): Promise<Fields | undefined>;
  /** Shreds it. The caller has revoked it at the provider. Calling it twice is safe. */
  forget(connection: Connection): Promise<void>;
}

export interface CredentialBookParts extends RenewalParts {
  /** How long somebody waits for a renewal, ms. */
  readonly waitMs: number;
}

/** A credential that was refused although it is so new is not renewed again: that would be refused as well, and end in a renewal for every call. */
const freshMs = 15_000;
const shortestPollMs = 25;
const longestPollMs = 400;

/** The book of one process. What it has in memory follows the table, see `follow`. */
export class CredentialKeeper implements CredentialBook {
  readonly #parts: CredentialBookParts;
  readonly #statics = new WeakMap<Connection, GivenCredential>();
  readonly #kept = new Map<string, Kept>();
  readonly #renewals = new Map<string, Promise<void>>();

  constructor(parts: CredentialBookParts) {
    this.#parts = parts;
  }

  current(connection: Connection): GivenCredential | Promise<GivenCredential> {
    const kept = this.#kept.get(connection.id);
    if (kept !== undefined && this.#parts.clock.now() < kept.usableUntilMs) return kept.given;
    return this.#staticOf(connection) ?? this.#obtain(connection, undefined);
  }

  async refused(connection: Connection, version: number): Promise<GivenCredential> {
    const kept = this.#kept.get(connection.id);
    if (kept !== undefined && kept.given.version > version && this.#parts.clock.now() < kept.usableUntilMs) return kept.given;
    return this.#staticOf(connection) ?? (await this.#obtain(connection, version));
  }

  async store(connection: Pick<Connection, "id" | "tenant" | "connector">, grant: Grant, giving: Giving): Promise<void> {
    const { id, tenant, connector } = connection;
    await storeGiven(this.#parts, connection, this.#parts.renewer.of({ id, tenant, connector }), grant, giving);
    this.#kept.delete(id);
  }

  async health(connections: readonly Connection[]): Promise<ReadonlyMap<string, CredentialHealth>> {
    const { db, clock, renewer } = this.#parts;
    const rows = await readCredentials(
      db,
      connections.map(({ tenant, id }) => ({ tenant, connection: id })),
    );
    const byId = new Map(connections.map((connection) => [connection.id, connection]));
    return new Map(
      rows.flatMap((row) => {
        const connection = byId.get(row.connection);
        return connection === undefined ? [] : [[row.connection, tellHealth(row, renewer.of(connection), clock.now())] as const];
      }),
    );
  }

  async reveal(connection: Connection): Promise<Fields | undefined> {
    const row = await readCredential(this.#parts.db, keyOf(connection));
    if (row === undefined || row.fields === null) return undefined;
    return await openFields(this.#parts.cipher, row, row.version, row.fields);
  }

  async forget(connection: Connection): Promise<void> {
    await forgetCredential(this.#parts, connection);
    this.#kept.delete(connection.id);
  }

  /** Renews what is due, if nobody else does. @returns false for a connection whose credential is not renewed. */
  async renewDue(connection: Connection): Promise<boolean> {
    const renewal = this.#parts.renewer.of(connection);
    if (renewal === undefined) return false;
    const row = await readCredential(this.#parts.db, keyOf(connection));
    if (row !== undefined && !row.leased && row.refreshInMs !== null && row.refreshInMs <= 0) await this.#renew(connection, row, renewal);
    return true;
  }

  /** Renewals that are under way in this process. */
  get renewing(): Iterable<Promise<void>> {
    return this.#renewals.values();
  }

  /** Forgets what has changed in the table within so many milliseconds, so that it is read again. */
  async follow(withinMs: number): Promise<void> {
    for (const { connection, version, state } of await findChanged(this.#parts.db, withinMs)) {
      const kept = this.#kept.get(connection);
      if (kept !== undefined && (kept.given.version !== version || kept.state !== state)) this.#kept.delete(connection);
    }
  }

  #staticOf(connection: Connection): GivenCredential | undefined {
    const { credential } = connection;
    if (credential === undefined) return undefined;
    const known = this.#statics.get(connection);
    if (known !== undefined) return known;
    const renewal = this.#parts.renewer.of(connection);
    if (renewal !== undefined && canRenew(renewal, credential)) return undefined;
    const given = { version: 0, fields: credential, expiresAtMs: null };
    this.#statics.set(connection, given);
    return given;
  }

  async #obtain(connection: Connection, refusedVersion: number | undefined): Promise<GivenCredential> {
    const { clock, renewer, waitMs } = this.#parts;
    const deadlineMs = clock.now() + waitMs;
    for (let pollMs = shortestPollMs; ; pollMs = Math.min(longestPollMs, pollMs * 1.5)) {
      const renewal = renewer.of(connection);
      const row = await this.#read(connection, renewal);
      const waits = waitsForPerson(row, renewer);
      if (waits !== undefined) throw waits;
      const usableMs = usableUntil(row.expiresInMs, clock.now()) - clock.now();
      const fields = await this.#open(row);
      const given = toGiven(row, fields, renewal, clock.now());
      const isNew = refusedVersion === undefined || row.version > refusedVersion || (row.refreshedAgoMs ?? freshMs) < freshMs;
      if (usableMs > 0 && isNew) return this.#keep(row, given, usableMs);
      const why = this.#cannotRenew(row, renewal, fields);
      // What was refused is given back: the caller's next attempt says how it ends.
      if (why === "never" && usableMs > 0) return given;
      if (why === "never") throw hasExpired(row.connection, renewer);
      if (why !== undefined) throw why;
      if (clock.now() >= deadlineMs) throw cannotBeUsed("CREDENTIAL_RENEWAL_WAITS", row.connection, longestPollMs, renewer);
      if (row.leased) await clock.sleep(pollMs);
      else if (renewal !== undefined) await this.#renewWithin(connection, row, renewal, deadlineMs);
    }
  }

  /** Why it is no use to try a renewal now: `never`, or what is thrown meanwhile. */
  #cannotRenew(row: CredentialRow, renewal: Renewal | undefined, fields: Fields): "never" | BelayError | undefined {
    if (renewal === undefined || !canRenew(renewal, fields)) return "never";
    if (row.leased) return undefined;
    const untilNextMs = row.attempts > 0 || row.unanswered > 0 ? Math.max(row.refreshInMs ?? 0, row.settlesInMs ?? 0) : 0;
    if (untilNextMs <= 0) return undefined;
    return cannotBeUsed(row.code ?? "CREDENTIAL_RENEWAL_WAITS", row.connection, untilNextMs, this.#parts.renewer);
  }

  /** Waits for the renewal no longer than until `deadlineMs`; the renewal itself goes on. */
  async #renewWithin(connection: Connection, row: CredentialRow, renewal: Renewal, deadlineMs: number): Promise<void> {
    const { clock } = this.#parts;
    const over = new AbortController();
    const renewed = this.#renew(connection, row, renewal);
    await Promise.race([renewed, clock.sleep(Math.max(0, deadlineMs - clock.now()), over.signal)]);
    over.abort();
  }

  /** One at a time for a connection in this process; across processes the lease decides. Never rejects. */
  #renew(connection: Connection, row: CredentialRow, renewal: Renewal): Promise<void> {
    const running = this.#renewals.get(connection.id);
    if (running !== undefined) return running;
    const renewed = renewCredential(this.#parts, connection, row, renewal)
      .then(
        async (end) => {
          // Somebody else came first; who waits looks again, but not in a tight circle.
          if (end === "busy") await this.#parts.clock.sleep(shortestPollMs);
        },
        async (error: unknown) => {
          this.#parts.logger.error({ error, tenant: row.tenant, connection: row.connection }, "A renewal could not be begun.");
          await this.#parts.clock.sleep(longestPollMs);
        },
      )
      .finally(() => this.#renewals.delete(connection.id));
    this.#renewals.set(connection.id, renewed);
    return renewed;
  }

  async #read(connection: Connection, renewal: Renewal | undefined): Promise<CredentialRow> {
    const row = await readCredential(this.#parts.db, keyOf(connection));
    const taken = renewal !== undefined && (await takeOver(this.#parts, connection, renewal, row));
    const now = taken ? await readCredential(this.#parts.db, keyOf(connection)) : row;
    if (now === undefined) throw notConnected(connection.id, this.#parts.renewer);
    return now;
  }

  async #open(row: CredentialRow): Promise<Fields> {
    return row.fields === null ? {} : await openFields(this.#parts.cipher, row, row.version, row.fields);
  }

  #keep(row: CredentialRow, given: GivenCredential, usableMs: number): GivenCredential {
    const kept = this.#kept.get(row.connection);
    // The same object as long as it is the same credential.
    if (kept?.given.version === given.version) {
      this.#kept.set(row.connection, { ...kept, state: row.state, usableUntilMs: this.#parts.clock.now() + usableMs });
      return kept.given;
    }
    this.#kept.set(row.connection, { given, state: row.state, usableUntilMs: this.#parts.clock.now() + usableMs });
    return given;
  }
}

function keyOf({ tenant, id }: Pick<Connection, "tenant" | "id">): { readonly tenant: string; readonly connection: string } {
  return { tenant, connection: id };
}

function toGiven(row: CredentialRow, fields: Fields, renewal: Renewal | undefined, now: number): GivenCredential {
  const used = renewal === undefined ? fields : fieldsForCalls(fields, renewal);
  return { version: row.version, fields: used, expiresAtMs: row.expiresInMs === null ? null : now + row.expiresInMs };
}

/** Of a credential that is renewed, only its token is for calls, and what goes with it; the rest stays here, where it is renewed. */
function fieldsForCalls(fields: Fields, { carried = [] }: Renewal): Fields {
  if (fields["accessToken"] === undefined) return {};
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name === "accessToken" || carried.includes(name)));
}
