import { alignColumns } from "../development/table.ts";
import { visible, visibleLine } from "./visible.ts";

/** Writes a result: for programs as one line of JSON, for people as text. */
export function printResult(json: boolean | undefined, result: unknown, text: () => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : `${visible(text()).trimEnd()}\n`);
}

/** A table with a line of titles, or what to say instead when it is empty. */
export function tableOf(titles: readonly string[], rows: readonly (readonly string[])[], empty: string): string {
  return rows.length === 0 ? empty : alignColumns([titles, ...rows.map((row) => row.map(visibleLine))], "");
}

/** A time as a person on the spot reads it: of today the time of day, of other days the date too. */
export function readableTime(iso: string | null, now = new Date()): string {
  if (iso === null) return "";
  const time = new Date(iso);
  const clock = time.toTimeString().slice(0, 8);
  const day = (date: Date): string =>
    `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
  return day(time) === day(now) ? clock : `${day(time)} ${clock}`;
}

/** How long something takes, as a person says it. */
export function readableSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}

/** A number with its word: `1 record`, `2 records`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A text that fits in a column. */
export function shortened(text: string, length = 60): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
