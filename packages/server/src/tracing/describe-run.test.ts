import { expect, test } from "vitest";
import type { ExchangeReport } from "../flow/index.ts";
import type { Message } from "../mailbox/index.ts";
import { parseTrace } from "../telemetry/index.ts";
import { newRun, receiptId, traceId, traceparent } from "./__fixtures__/ended-run.ts";
import { describeMissedReceipt, describeRun } from "./describe-run.ts";

const parts = {
  newSpanId: () => "cccccccccccccccc",
  addressOf: () => ({ host: "desk.example", port: 443 }),
  classify: () => "flow-mistake" as const,
};

const call: ExchangeReport = {
  connection: "acme/acme-desk",
  label: "desk.ticket.create",
  request: {
    method: "POST",
    path: "/tickets?email=canary@buyer.example",
    headers: { "idempotency-key": "k:0", "x-name": "canary@buyer.example" },
    body: "canary@buyer.example",
  },
  response: { status: 201, headers: {}, body: "canary@buyer.example" },
  startedAt: 1_220,
  durationMs: 30,
  step: "create",
  spanId: "eeeeeeeeeeeeeeee",
  ok: true,
};

const report = {
  spanId: "aaaaaaaaaaaaaaaa",
  startedAt: 1_201,
  endedAt: 1_299,
  steps: [{ name: "create", spanId: "dddddddddddddddd", startedAt: 1_210, endedAt: 1_260 }],
  exchanges: [call],
};

test("a run is a span below its receipt, with its steps and their calls below it", () => {
  const [run, step, attempt] = describeRun(newRun({ report }), parts);
  expect(run).toMatchObject({ traceId, spanId: "aaaaaaaaaaaaaaaa", parentId: receiptId, startedAtMs: 1_200, endedAtMs: 1_300 });
  expect(run?.attributes).toMatchObject({ "belay.attempt": 1, "belay.waited_ms": 200, "belay.verdict": "delivered" });
  expect(step).toMatchObject({ name: "step create", spanId: "dddddddddddddddd", parentId: "aaaaaaaaaaaaaaaa" });
  expect(attempt).toMatchObject({ name: "POST desk.ticket.create", kind: "client", parentId: "dddddddddddddddd", endedAtMs: 1_250 });
  expect(attempt?.attributes).toMatchObject({
    "server.address": "desk.example",
    "belay.idempotency_key": "k:0",
    "belay.connection": "acme-desk",
  });
});

test("nothing of a payload, a query or a header is in a span", () => {
  expect(JSON.stringify(describeRun(newRun({ report }), parts))).not.toContain("canary");
});

test("the calls of a step that was left behind belong to the run", () => {
  const spans = describeRun(newRun({ report: { ...report, steps: [] } }), parts);
  expect(spans.map(({ parentId }) => parentId)).toEqual([receiptId, "aaaaaaaaaaaaaaaa"]);
});

test("what went well and is not sampled is not told; what failed is", () => {
  const unsampled = { trace: traceparent("00") };
  expect(describeRun(newRun({}, unsampled), parts)).toEqual([]);
  expect(describeRun(newRun({}, { trace: null }), parts)).toEqual([]);
  const dead = newRun({ verdict: { kind: "dead", code: "FLOW_FAILED", error: "canary@buyer.example" } }, unsampled);
  const [run] = describeRun(dead, parts);
  expect(run).toMatchObject({
    error: "FLOW_FAILED",
    spanId: "cccccccccccccccc",
    attributes: { "error.type": "FLOW_FAILED", "belay.failure.owner": "engineer" },
  });
  expect(JSON.stringify(run)).not.toContain("canary");
});

test.each([
  ["no failure", { ...call, ok: true, response: { status: 404, headers: {}, body: "" } }, undefined],
  ["the status", { ...call, ok: false, response: { status: 503, headers: {}, body: "" } }, "503"],
  ["the code", { ...call, ok: false, error: "HTTP_TIMEOUT" }, "HTTP_TIMEOUT"],
])("a call fails with %s", (_name, exchange, error) => {
  const span = describeRun(newRun({ report: { ...report, exchanges: [exchange] } }), parts).at(-1);
  expect(span?.error).toBe(error);
  expect(span?.attributes["error.type"]).toBe(error);
});

test("the receipt of an unsampled trace is told with its first failure, and only then", () => {
  const trace = parseTrace(traceparent("00"))!;
  const missed = (ofMessage: Partial<Message>) => describeMissedReceipt(newRun({}, ofMessage), trace);
  expect(missed({})).toMatchObject({ spanId: receiptId, startedAtMs: 1_000, endedAtMs: 1_000 });
  expect(missed({})).not.toHaveProperty("parentId");
  expect(missed({ attempts: 1 })).toBeUndefined();
  // A replayed letter's first failure was told before it died.
  expect(missed({ firstAttemptAtMs: 500 })).toBeUndefined();
  expect(describeMissedReceipt(newRun({}), { ...trace, sampled: true })).toBeUndefined();
});
