import { expect, test } from "vitest";
import { spreadSchedule } from "./spread-schedule.ts";

const minuteOf = (cron: string): number => Number(cron.split(" ")[0]);

test.each([
  ["numbered tenants", (index: number) => `tenant-${index}/sync`],
  ["ids", (index: number) => `conn_${(index * 2_654_435_761).toString(16)}`],
])("of 1,000 hourly schedules of %s no minute gets more than 3 %%, and the top of the hour none", (_, keyOf) => {
  const counts = new Map<number, number>();
  for (let index = 0; index < 1_000; index += 1) {
    const minute = minuteOf(spreadSchedule(keyOf(index), "hour"));
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
  }
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(30);
  expect(counts.get(0)).toBeUndefined();
  expect([...counts.keys()].every((minute) => minute >= 1 && minute <= 59)).toBe(true);
});

test("daily schedules are spread over all hours, and each stays where it is", () => {
  const crons = Array.from({ length: 1_000 }, (_, index) => spreadSchedule(`tenant-${index}`, "day"));
  expect(new Set(crons.map((cron) => cron.split(" ")[1])).size).toBe(24);
  expect(crons.some((cron) => minuteOf(cron) === 0)).toBe(false);
  expect(spreadSchedule("tenant-7", "day")).toBe(crons[7]);
});
