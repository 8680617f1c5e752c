import { describe, expect, test } from "vitest";
import { other, SeriesTable } from "./series-table.ts";

const start = Date.UTC(2026, 0, 1, 12, 0, 10);
const minuteMs = 60_000;

function openTable(maxSeries: number): { table: SeriesTable; warnings: string[] } {
  const warnings: string[] = [];
  const warn = (_fields: object, text: string): void => void warnings.push(text);
  return { table: new SeriesTable(maxSeries, { debug: () => {}, info: () => {}, warn, error: () => {} }), warnings };
}

const countIn = (table: SeriesTable, now: number, connection: string): void =>
  table.at(now, "run", "acme", connection, "f", "").add("delivered");
const totalOf = (table: SeriesTable): number => [...table.all].reduce((sum, series) => sum + (series.totals().get("delivered") ?? 0), 0);

describe("the table of series", () => {
  test("counts what there is no room for together, and says so once", () => {
    const { table, warnings } = openTable(3);
    for (let index = 0; index < 100; index += 1) countIn(table, start, `c-${index}`);
    expect([...table.all].map(({ key }) => key.connection)).toEqual(["c-0", "c-1", "c-2", other]);
    expect([totalOf(table), warnings.length]).toEqual([100, 1]);
    table.at(start, "call", "acme", "c-4", "f", "e").add("calls");
    expect(table.size("call")).toBe(1);
  });

  test("bounds the names of a series' counts too", () => {
    const { table } = openTable(3);
    const series = table.at(start, "run", "acme", "c", "f", "");
    for (let index = 0; index < 1_000; index += 1) series.add(`dead.CODE_${index}`);
    expect(series.totals().size).toBeLessThan(70);
    expect([...series.totals().values()].reduce((sum, count) => sum + count, 0)).toBe(1_000);
  });

  test("gives out each minute once it is over, and goes on counting since the start", () => {
    const { table } = openTable(3);
    countIn(table, start, "c");
    countIn(table, start + 49_999, "c");
    countIn(table, start + 50_000, "c");
    countIn(table, start + 20_000, "c"); // the clock was set back
    expect(table.takeEnded().map(({ at, tally }) => [at, tally.counts.get("delivered")])).toEqual([[start - 10_000, 2]]);
    expect(table.takeEnded()).toEqual([]);
    expect(totalOf(table)).toBe(4);
  });

  test("makes room when a series has been quiet for an hour, and loses none of its counts", () => {
    const { table } = openTable(2);
    countIn(table, start, "a");
    countIn(table, start, "b");
    countIn(table, start + 30 * minuteMs, "b");
    countIn(table, start + 62 * minuteMs, "c");
    expect([...table.all].map(({ key }) => key.connection).toSorted()).toEqual([other, "b", "c"]);
    expect(totalOf(table)).toBe(4);
    expect(table.takeEnded().map(({ key }) => key.connection)).toEqual(["a", "b", "b"]);
  });
});
