import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { IdWindow } from "./find-messages.ts";

const markEveryMs = 5_000;

/** Notes now and then how far the ids of messages have come, so that what is known by its time is looked for among few. One per process. */
export class IdMarks {
  readonly #clock: Clock;
  #notedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes a note when the last one is five seconds old: in the transaction that is about to store messages. */
  async note(tx: Db): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#notedAtMs < markEveryMs) return;
    this.#notedAtMs = now;
    await insertIdMark(tx);
  }
}

async function insertIdMark(db: Db): Promise<void> {
  await sql`insert into belay.id_mark (at, id) select belay.now(), last_value from belay.message_id`.execute(db);
}

/** Among which ids the messages are that were stored between two times. Without marks around them: among all. */
export async function readIdWindow(db: Db, fromMs: number, toMs: number): Promise<IdWindow> {
  const { rows } = await sql<IdWindow>`
    select
      coalesce((select id from belay.id_mark where at <= to_timestamp(${fromMs}::float8 / 1000) order by at desc, id desc limit 1), 1) as "from",
      coalesce((select id from belay.id_mark where at >= to_timestamp(${toMs}::float8 / 1000) order by at, id limit 1),
        (select last_value from belay.message_id)) + 1 as below
  `.execute(db);
  return rows[0] ?? { from: 1, below: 1 };
}

/** Forgets marks older than so many days. */
export async function deleteIdMarks(db: Db, days: number): Promise<void> {
  await sql`delete from belay.id_mark where at < belay.now() - ${days}::integer * interval '1 day'`.execute(db);
}
