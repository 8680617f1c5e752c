import type { Db } from "../db/index.ts";
import type { Clock } from "../telemetry/index.ts";
import { mergeRows } from "./merge-rows.ts";
import { deleteExpiredMeasures, findFirstMinute, findLastHour, putMeasures, readMeasureRows } from "./store.ts";
import type { MeasuresOptions } from "./types.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

/** A process that could not reach the database writes its minutes late: these hours are merged once more. */
const mergedAgain = 2;
const rowsAtOnce = 1_000;
const deletedAtOnce = 10_000;

/** Merges the minutes of every hour that is over. Doing it twice changes nothing. @returns how many hours were merged. */
export async function rollUp(db: Db, clock: Clock): Promise<number> {
  const last = await findLastHour(db);
  const first = await findFirstMinute(db);
  if (first === undefined) return 0;
  const firstHour = first - (first % hourMs);
  let hour = last === undefined ? firstHour : Math.max(firstHour, last - (mergedAgain - 1) * hourMs);
  // Retention may have taken the beginning of the first hour away; that hour was merged before.
  if (last !== undefined && firstHour <= last && first !== firstHour) hour = Math.max(hour, firstHour + hourMs);
  let hours = 0;
  for (; hour + hourMs <= clock.now(); hour += hourMs) {
    await mergeHour(db, hour);
    hours += 1;
  }
  return hours;
}

async function mergeHour(db: Db, hour: number): Promise<void> {
  const rows: ReturnType<typeof mergeRows> = new Map();
  // Minute by minute, so that no more of them than one is in memory.
  for (let minute = hour; minute < hour + hourMs; minute += minuteMs) {
    const found = await readMeasureRows(db, "minute", { from: minute, to: minute + minuteMs }, Number.MAX_SAFE_INTEGER);
    for (const [id, merged] of mergeRows(found)) {
      const known = rows.get(id);
      if (known === undefined) rows.set(id, merged);
      else known.add(merged.toRow(hour));
    }
  }
  const merged = [...rows.values()].map((one) => one.toRow(hour));
  for (let begin = 0; begin < merged.length; begin += rowsAtOnce)
    await putMeasures(db, "hour", "", merged.slice(begin, begin + rowsAtOnce));
}

/** Deletes what is past its time. */
export async function expireMeasures(db: Db, { minuteDays, hourDays }: Pick<MeasuresOptions, "minuteDays" | "hourDays">): Promise<void> {
  while ((await deleteExpiredMeasures(db, "minute", minuteDays, deletedAtOnce)) === deletedAtOnce);
  while ((await deleteExpiredMeasures(db, "hour", hourDays, deletedAtOnce)) === deletedAtOnce);
}
