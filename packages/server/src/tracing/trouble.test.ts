import { expect, test } from "vitest";
import type { EndedRun } from "../flow/index.ts";
import type { Receipt } from "../telemetry/index.ts";
import { newRun, receiptId, traceId, traceparent } from "./__fixtures__/ended-run.ts";
import { findTroubleOfRun, findTroublesOfReceipt } from "./trouble.ts";

const error = "canary@buyer.example";
const engineers = () => "flow-mistake" as const;
const tenants = () => "credential-refused" as const;

test.each<[string, EndedRun["verdict"], typeof engineers | typeof tenants, boolean]>([
  ["a dead letter of a mistake", { kind: "dead", code: "FLOW_FAILED", error }, engineers, true],
  ["a dead letter that its tenant mends", { kind: "dead", code: "HTTP_UNAUTHORIZED", error }, tenants, false],
  ["a failure that is tried again", { kind: "retry", afterMs: 1, code: "FLOW_FAILED", error }, engineers, false],
  ["a thread that was ended", { kind: "retry", afterMs: 1, code: "FLOW_THREAD_ENDED", error }, engineers, true],
  ["a wait", { kind: "wait", waitMs: 1, why: "HTTP_CIRCUIT_OPEN", begun: false }, engineers, false],
  ["a delivery", { kind: "delivered", stepped: false }, engineers, false],
])("%s is told to engineers or not", (_name, verdict, classify, told) => {
  const trouble = findTroubleOfRun(newRun({ verdict }), classify);
  expect(trouble !== undefined).toBe(told);
  expect(JSON.stringify(trouble) ?? "").not.toContain("canary");
});

test("a trouble names the step it happened in, the class of its failure, and the span to look at", () => {
  const steps = [
    { name: "look", spanId: "1111111111111111", startedAt: 1, endedAt: 2 },
    { name: "create", spanId: "2222222222222222", startedAt: 2, endedAt: 3, code: "FLOW_FAILED" },
  ];
  const report = { spanId: "aaaaaaaaaaaaaaaa", startedAt: 1, endedAt: 3, steps, exchanges: [] };
  const trouble = findTroubleOfRun(newRun({ verdict: { kind: "dead", code: "FLOW_FAILED", error }, report }), engineers);
  expect(trouble).toMatchObject({
    type: "FLOW_FAILED",
    place: "sell/create",
    tags: { "belay.step": "create", "belay.failure.class": "flow-mistake", "belay.message.id": 7 },
    trace: { traceId, spanId: "aaaaaaaaaaaaaaaa" },
  });
});

test("of an event that fits no contract, each flow that waits for it is a trouble", () => {
  const receipt: Receipt = {
    trace: traceparent("00"),
    route: "/in/{endpoint}",
    tenant: "acme",
    connection: "acme-shop",
    eventType: "sold",
    outcome: "accepted",
    quarantined: ["book", "count"].map((flow) => ({ flow, code: "CONTRACT_PAYLOAD_INVALID" })),
    status: 202,
    startedAtMs: 1,
    endedAtMs: 2,
  };
  const troubles = findTroublesOfReceipt(receipt, () => "event-drift");
  expect(troubles.map(({ place }) => place)).toEqual(["book/acme-shop/sold", "count/acme-shop/sold"]);
  expect(troubles[0]?.trace).toMatchObject({ traceId, spanId: receiptId });
});
