import type { Attempt } from "@belay/sdk/http";
import { expect, test } from "vitest";
import { RunWatch } from "./run-report.ts";

const trace = (flags: string): string => `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`;

function newAttempt(status: number, path = "/"): Attempt {
  const facts = { connection: "acme/desk", label: "desk.ticket.get", startedAt: 1, durationMs: 2 };
  const toExchange: Attempt["toExchange"] = () => ({
    ...facts,
    request: { method: "GET", path, headers: {} },
    response: { status, headers: {}, body: "" },
  });
  return { ...facts, method: "GET", status, ok: status < 300, spanId: "00f067aa0ba902b7", toExchange };
}

/** A watch whose clock goes on by one with each look, and whose random numbers are all different. */
function watch(flags = "00"): RunWatch {
  let now = 0;
  let drawn = 0;
  return new RunWatch(
    trace(flags),
    () => (now += 1),
    () => (drawn = (drawn + 0.137) % 1),
  );
}

test("a run that went well and is not sampled is not told of", () => {
  const run = watch();
  run.sawAttempt("create", newAttempt(200));
  expect(run.report(false)).toEqual({});
});

test("a failed run, a sampled one, and one with a failed exchange are told of", () => {
  expect(watch().report(true).report).toBeDefined();
  expect(watch("01").report(false).report).toBeDefined();
  const troubled = watch();
  troubled.sawAttempt("create", newAttempt(503));
  troubled.sawAttempt("create", newAttempt(200));
  expect(troubled.report(false).report?.exchanges.map(({ ok }) => ok)).toEqual([false, true]);
});

test("calls go out as children of their step, and steps say when they began, ended and with what", () => {
  const run = watch("01");
  const first = run.begin("look");
  first.end();
  const second = run.begin("write");
  second.end("DESK_REFUSED");
  const report = run.report(true).report;
  expect(report?.steps).toMatchObject([
    { name: "look", startedAt: 2, endedAt: 3 },
    { name: "write", startedAt: 4, endedAt: 5, code: "DESK_REFUSED" },
  ]);
  expect(first.traceparent).toBe(trace("01").replace("b7ad6b7169203331", report?.steps[0]?.spanId ?? ""));
  expect(first.traceparent).not.toBe(second.traceparent);
  expect(run.begin("").traceparent).toContain(report?.spanId);
});

test("of many exchanges the first and the last are kept, and how many lie between", () => {
  const run = watch();
  for (let n = 1; n <= 100; n += 1) run.sawAttempt("list", newAttempt(200, `/${n}`));
  const report = run.report(true).report;
  expect(report?.exchanges.map(({ request }) => Number(request.path.slice(1)))).toEqual([
    ...Array.from({ length: 20 }, (_, index) => 1 + index),
    ...Array.from({ length: 20 }, (_, index) => 81 + index),
  ]);
  expect(report?.omitted).toEqual({ after: 20, count: 60 });
});
