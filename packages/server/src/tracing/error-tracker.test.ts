import { expect, test } from "vitest";
import { readEnvelope, type SentryEvent } from "../../../../test/telemetry/sentry-receiver.ts";
import { ErrorTracker } from "./error-tracker.ts";
import { parseDsn } from "./sentry-dsn.ts";
import type { Trouble } from "./trouble.ts";

const trouble: Trouble = {
  type: "FLOW_FAILED",
  text: "book gave up a message: FLOW_FAILED.",
  place: "book/debit",
  atMs: 5_000,
  tags: { "belay.flow": "book", "belay.event.id": `${"ü".repeat(300)}\n`, "belay.message.id": 7 },
  trace: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: false },
  frames: [
    { line: "at inner (a.ts:1:2)", function: "inner", file: "a.ts", lineno: 1, colno: 2 },
    { line: "at outer (b.ts:3:4)", function: "outer", file: "b.ts", lineno: 3, colno: 4 },
  ],
};

/** A tracker whose server answers with what `respond` gives. */
function newTracker(respond: () => Response | Promise<Response> = () => new Response("{}")) {
  const sent: SentryEvent[] = [];
  const violations: string[] = [];
  const deliveries: (string | undefined)[] = [];
  let nowMs = 10_000;
  let ids = 0;
  const tracker = new ErrorTracker({
    settings: { dsn: parseDsn("https://public@errors.example/42")!, environment: "test", release: undefined },
    clock: { now: () => nowMs, sleep: async () => {} },
    newEventId: () => String((ids += 1)).padStart(32, "0"),
    fetch: async (_url, init) => {
      sent.push(...readEnvelope(Buffer.from(init?.body as string), (problem) => violations.push(problem)));
      return await respond();
    },
    onDelivery: (error) => deliveries.push(error?.message),
  });
  return { tracker, sent, violations, deliveries, pass: (ms: number) => (nowMs += ms) };
}

test("an event is an envelope as the protocol has it, whatever its tags hold, with the innermost frame last", async () => {
  const { tracker, sent, violations } = newTracker();
  tracker.report(trouble);
  await tracker.close();
  expect(violations).toEqual([]);
  expect(sent).toMatchObject([{ fingerprint: ["FLOW_FAILED", "book/debit"], environment: "test", transaction: "book", timestamp: 5 }]);
  expect(sent[0]?.exception.values[0]).toMatchObject({
    stacktrace: { frames: [{ function: "outer" }, { function: "inner", filename: "a.ts" }] },
  });
});

test("of one kind five are sent a minute, and the next one says how many were not", async () => {
  const { tracker, sent, pass } = newTracker();
  for (let count = 0; count < 12; count += 1) tracker.report(trouble);
  tracker.report({ ...trouble, place: "book/credit" });
  await tracker.close();
  expect(sent).toHaveLength(6);
  pass(60_000);
  tracker.report(trouble);
  await tracker.close();
  expect(sent.at(-1)?.extra).toEqual({ suppressed: 7 });
});

test("a server that wants a pause gets one", async () => {
  let limits = "60:error:project";
  const { tracker, sent, deliveries, pass } = newTracker(
    () => new Response("", { status: 429, headers: { "x-sentry-rate-limits": limits } }),
  );
  for (const place of ["a", "b", "c"]) tracker.report({ ...trouble, place });
  await tracker.close();
  expect(sent).toHaveLength(1);
  pass(60_000);
  limits = "";
  tracker.report({ ...trouble, place: "b" });
  await tracker.close();
  expect(sent).toHaveLength(2);
  expect(deliveries).toEqual([undefined, undefined]);
});

test("a tracker that does not answer is told of, holds at most 100, and costs nobody anything", async () => {
  const answers: ((error: Error) => void)[] = [];
  const { tracker, sent, deliveries } = newTracker(() => new Promise((_resolve, reject) => answers.push(reject)));
  for (let count = 0; count < 500; count += 1) tracker.report({ ...trouble, place: `place ${count}` });
  for (let count = 0; count < 101; count += 1) {
    await expect.poll(() => answers.length, { interval: 1 }).toBe(count + 1);
    answers.at(-1)?.(new Error("read ECONNRESET"));
  }
  await tracker.close();
  expect(sent).toHaveLength(101);
  expect(new Set(deliveries)).toEqual(new Set(["read ECONNRESET"]));
});
