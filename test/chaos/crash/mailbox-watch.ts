import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Claimed } from "./protocol.ts";

interface Orphan extends Claimed {
  readonly since: number;
  readonly resolve: () => void;
  /** Throughout there was a database and somebody with room for it. */
  fair: boolean;
}

export interface WatchOptions {
  readonly url: string;
  /** There is a database, and workers that have room for every mailbox. */
  readonly isFair: () => boolean;
}

const pollMs = 50;

/** Looks at the mailboxes from outside: who holds what, how much waits, and how long an orphaned mailbox stays alone. */
export class MailboxWatch {
  readonly #pool: pg.Pool;
  readonly #isFair: () => boolean;
  readonly #orphans = new Set<Orphan>();
  readonly #loop: Promise<void>;
  #closed = false;
  #deadlocksBefore = 0;
  #deadlocks = 0;
  /** How long orphaned mailboxes stayed alone, ms, where somebody could have taken them. */
  readonly takeoversMs: number[] = [];
  /** Messages not finished, as last seen. */
  waiting = 0;

  constructor(options: WatchOptions) {
    this.#isFair = options.isFair;
    this.#pool = new pg.Pool({ connectionString: options.url, max: 3, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
    this.#pool.on("error", () => {});
    this.#loop = this.#watch();
  }

  /** Deadlocks that PostgreSQL has broken up. Its count starts anew when it recovers from a crash. */
  get deadlocks(): number {
    return this.#deadlocksBefore + this.#deadlocks;
  }

  /** Which of the claims are leases still, under that very token. Waits for the database. */
  async held(claims: readonly Claimed[]): Promise<Claimed[]> {
    const rows = await this.query<Claimed>("select tenant, id as mailbox, token::integer as token from belay.mailbox where leased");
    const tokens = new Map(rows.map((row) => [`${row.tenant}\n${row.mailbox}`, row.token]));
    return claims.filter(({ tenant, mailbox, token }) => tokens.get(`${tenant}\n${mailbox}`) === token);
  }

  /** Resolves when every one of these leases has gone to somebody else or was handed back after all. */
  async takenOver(claims: readonly Claimed[], since: number): Promise<void> {
    await Promise.all(
      claims.map(
        (claim) =>
          new Promise<void>((resolve) => {
            this.#orphans.add({ ...claim, since, resolve, fair: true });
          }),
      ),
    );
  }

  /** Repeats until the database answers; gives up after half a minute. */
  async query<Row extends pg.QueryResultRow>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const giveUpAt = Date.now() + 30_000;
    for (;;) {
      try {
        return (await this.#pool.query<Row>(text, [...parameters])).rows;
      } catch (error) {
        if (Date.now() > giveUpAt || this.#closed) throw error;
        await pause(50);
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#loop;
    await this.#pool.end();
  }

  async #watch(): Promise<void> {
    for (let round = 0; !this.#closed; round += 1) {
      try {
        if (this.#orphans.size > 0) await this.#lookAtOrphans();
        if (round % 5 === 0) await this.#count();
      } catch {
        // No database at the moment: then nobody can take anything over.
        for (const orphan of this.#orphans) orphan.fair = false;
      }
      await pause(pollMs);
    }
    for (const { resolve } of this.#orphans) resolve();
  }

  async #lookAtOrphans(): Promise<void> {
    const { rows } = await this.#pool.query<Claimed & { leased: boolean }>(
      "select tenant, id as mailbox, token::integer as token, leased from belay.mailbox",
    );
    const now = Date.now();
    const byKey = new Map(rows.map((row) => [`${row.tenant}\n${row.mailbox}`, row]));
    const fair = this.#isFair();
    for (const orphan of this.#orphans) {
      if (!fair) orphan.fair = false;
      const row = byKey.get(`${orphan.tenant}\n${orphan.mailbox}`);
      const gone = row !== undefined && row.token > orphan.token;
      if (gone && orphan.fair) this.takeoversMs.push(now - orphan.since);
      if (!gone && row?.leased === true) continue;
      this.#orphans.delete(orphan);
      orphan.resolve();
    }
  }

  async #count(): Promise<void> {
    const { rows } = await this.#pool.query<{ waiting: number; deadlocks: number }>(
      "select (select count(*) from belay.message)::integer as waiting, (select sum(deadlocks) from pg_stat_database)::integer as deadlocks",
    );
    const [row] = rows;
    if (row === undefined) return;
    this.waiting = row.waiting;
    if (row.deadlocks < this.#deadlocks) this.#deadlocksBefore += this.#deadlocks;
    this.#deadlocks = row.deadlocks;
  }
}
