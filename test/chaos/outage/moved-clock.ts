import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import type { Db } from "../../../packages/server/src/db/index.ts";
import type { Clock } from "../../../packages/server/src/telemetry/index.ts";

/** A clock that can be put forward, together with that of the database. Between two jumps it goes as the machine's does. */
export class MovedClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await pause(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {}); // aborted: it returns at once
  }

  /** As the pipeline wants it: a sleep that is called off rejects. */
  readonly ofPipeline = {
    now: (): number => this.now(),
    sleep: async (ms: number, signal?: AbortSignal): Promise<void> => {
      await this.sleep(ms, signal);
      signal?.throwIfAborted();
    },
  };

  async putForward(db: Db, ms: number): Promise<void> {
    this.#aheadMs += ms;
    await sql`update belay.drill_clock set ahead_ms = ${this.#aheadMs}`.execute(db);
  }

  /** Puts the database's clock under its command. */
  async takeOver(db: Db): Promise<void> {
    await sql`create unlogged table belay.drill_clock (ahead_ms float8 not null)`.execute(db);
    await sql`insert into belay.drill_clock values (0)`.execute(db);
    await sql`
      create or replace function belay.now() returns timestamptz language sql stable parallel safe as $$
        select clock_timestamp() + ahead_ms * interval '1 millisecond' from belay.drill_clock
      $$
    `.execute(db);
  }
}
