import fc from "fast-check";
import { expect, test } from "vitest";
import { closedBreaker, stepBreaker } from "./breaker-states.ts";
import { createMemoryBreaker } from "./memory-breaker.ts";

const subject = { connection: "t/c", provider: "p.example" };
const other = { connection: "t/other", provider: "p.example" };

test("opens after five failures in a row, and a success in between starts the count again", () => {
  const breaker = createMemoryBreaker();
  for (const outcome of ["failure", "failure", "failure", "failure", "success", "failure", "failure", "failure", "failure"] as const) {
    breaker.report(subject, false, outcome, 0);
  }
  expect(breaker.admit(subject, 0)).toEqual({ admitted: true, probe: false });
  breaker.report(subject, false, "failure", 0);
  expect(breaker.admit(subject, 1_000)).toEqual({ admitted: false, afterMs: 4_000 });
  expect(breaker.admit(other, 1_000)).toEqual({ admitted: true, probe: false });
});

test("lets one probe through when it is time, and closes when that succeeds", () => {
  const breaker = createMemoryBreaker({ threshold: 1 });
  breaker.report(subject, false, "failure", 0);
  expect(breaker.admit(subject, 5_000)).toEqual({ admitted: true, probe: true });
  expect(breaker.admit(subject, 5_000)).toMatchObject({ admitted: false });
  breaker.report(subject, false, "success", 5_001);
  expect(breaker.admit(subject, 5_001), "a late answer from before does not decide").toMatchObject({ admitted: false });
  breaker.report(subject, true, "success", 5_002);
  expect(breaker.admit(subject, 5_002)).toEqual({ admitted: true, probe: false });
});

test("waits twice as long after each failed probe, up to a maximum", () => {
  const breaker = createMemoryBreaker({ threshold: 1, firstProbeMs: 1_000, longestProbeMs: 3_000 });
  breaker.report(subject, false, "failure", 0);
  let now = 0;
  const waits = [1_000, 2_000, 3_000, 3_000].map((expected) => {
    const refused = breaker.admit(subject, now);
    now += expected;
    breaker.admit(subject, now);
    breaker.report(subject, true, "failure", now);
    return "afterMs" in refused ? refused.afterMs : undefined;
  });
  expect(waits).toEqual([1_000, 2_000, 3_000, 3_000]);
});

test("a probe that told nothing makes room for the next one at once", () => {
  const breaker = createMemoryBreaker({ threshold: 1 });
  breaker.report(subject, false, "failure", 0);
  breaker.admit(subject, 5_000);
  breaker.report(subject, true, "released", 5_000);
  expect(breaker.admit(subject, 5_000)).toEqual({ admitted: true, probe: true });
});

test("whatever happens, only a probe leads out of open, and only after the pause", () => {
  const events = fc.array(fc.constantFrom("success", "failure", "tripped", "probe-due", "released" as const), { maxLength: 60 });
  fc.assert(
    fc.property(events, (sequence) => {
      let record = closedBreaker;
      for (const [now, event] of sequence.entries()) {
        const next = stepBreaker(record, event, now, { threshold: 3 });
        if (record.state === "open" && next !== record) expect([event, next.state]).toEqual(["probe-due", "half-open"]);
        if (next.state === "closed") expect(next.failures).toBeLessThan(3);
        record = next;
      }
    }),
  );
});
