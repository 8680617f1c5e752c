import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { freshPostgres } from "../setup/database.ts";
import { secret, signature } from "./belay.config.ts";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "./otlp-receiver.ts";
import { startBelayProcess, startLedger } from "./processes.ts";
import { startSentryReceiver } from "./sentry-receiver.ts";

const always = { OTEL_TRACES_SAMPLER: "parentbased_always_on" };
const never = { OTEL_TRACES_SAMPLER: "always_off" };

async function deliver(url: string, event: object, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const body = JSON.stringify(event);
  const headers = { "content-type": "application/json", ...signature.sign(Buffer.from(body), secret, new Date(), ""), ...more };
  return await fetch(`${url}/in/shop-of-acme-0123`, { method: "POST", headers, body });
}

const sold = (id: string): object => ({ id, type: "sold", amount: 12, buyer: "canary@buyer.example" });

function traceOf(receiver: OtlpReceiver, eventId: string): ReceivedSpan[] {
  const traceId = receiver.spans.find(({ attributes }) => attributes["belay.event.id"] === eventId)?.traceId;
  return receiver.spans.filter((span) => span.traceId === traceId);
}

const runsOf = (receiver: OtlpReceiver, eventId: string): ReceivedSpan[] =>
  traceOf(receiver, eventId).filter(({ kind }) => kind === "SPAN_KIND_CONSUMER");

/** One root, every other span below one that is there, and what happened in this process within what it belongs to. */
function checkConnected(spans: readonly ReceivedSpan[], rootParent = ""): void {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  expect(byId.size).toBe(spans.length);
  expect(spans.filter(({ parentSpanId }) => parentSpanId === rootParent)).toHaveLength(1);
  for (const span of spans) {
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    if (span.parentSpanId === rootParent) continue;
    const parent = byId.get(span.parentSpanId);
    expect(parent, `the parent of ${span.name}`).toBeDefined();
    expect(span.start).toBeGreaterThanOrEqual(parent!.start);
    // A run begins when the receipt is over; everything below it is over before it.
    if (span.kind !== "SPAN_KIND_CONSUMER") expect(span.end).toBeLessThanOrEqual(parent!.end);
  }
}

const shapeOf = (spans: readonly ReceivedSpan[]): string[] =>
  spans.map(({ name, parentSpanId }) => `${spans.find(({ spanId }) => spanId === parentSpanId)?.name ?? "-"} > ${name}`).toSorted();

test("an event is one connected trace over ingress, worker and provider", async () => {
  await using receiver = await startOtlpReceiver();
  await using ledger = await startLedger();
  const environment = {
    ...always,
    DATABASE_URL: await freshPostgres(),
    LEDGER_URL: ledger.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=of-the-collector",
    OTEL_SERVICE_NAME: "orders",
  };
  const ids = Array.from({ length: 10 }, (_, index) => `sale-${index}`);
  const host = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
  {
    await using ingress = await startBelayProcess("ingest,web", environment);
    await using _worker = await startBelayProcess("worker", environment);
    for (const id of [...ids, "flaky-1", "sale-0"]) expect((await deliver(ingress.url, sold(id))).status).toBe(202);
    await deliver(ingress.url, sold("traced-1"), { traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-00` });
    const emitted = await fetch(`${ingress.url}/v1/events`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: "Bearer 0123456789abcdef",
        traceparent: `00-${host.traceId}-${host.spanId}-01`,
      },
      body: JSON.stringify({ tenant: "acme", type: "month.closed", id: "may", data: { id: "may" } }),
    });
    expect(emitted.status).toBe(202);
    await receiver.until(() => [...ids, "flaky-1", "traced-1", "may"].every((id) => runsOf(receiver, id).length > 0));
    // What still waits in the processes is sent when they stop.
  }

  for (const id of ids) {
    const spans = traceOf(receiver, id).filter(({ attributes }) => attributes["belay.outcome"] !== "duplicate");
    checkConnected(spans);
    expect(shapeOf(spans)).toEqual([
      "- > POST /in/{endpoint}",
      "POST /in/{endpoint} > run book",
      "run book > step credit",
      "run book > step debit",
      "step credit > POST ledger.entry.create",
      "step debit > POST ledger.entry.create",
    ]);
    expect(new Set(spans.map(({ resource }) => resource["service.instance.id"])).size).toBe(2);
    expect(new Set(spans.map(({ resource }) => resource["service.name"]))).toEqual(new Set(["orders"]));
    expect(spans.find(({ kind }) => kind === "SPAN_KIND_SERVER")).toMatchObject({
      attributes: { "belay.tenant": "acme", "belay.outcome": "accepted", "http.response.status_code": 202 },
      events: ["belay.stored"],
    });
    expect(spans.find(({ kind }) => kind === "SPAN_KIND_CONSUMER")).toMatchObject({
      attributes: { "belay.attempt": 1, "belay.verdict": "delivered", "belay.flow": "book", "belay.target": "acme-ledger" },
    });
    for (const call of spans.filter(({ kind }) => kind === "SPAN_KIND_CLIENT")) {
      expect(call.attributes).toMatchObject({ "server.address": "127.0.0.1", "http.response.status_code": 201 });
      expect(ledger.traces).toContain(`00-${call.traceId}-${call.spanId}-01`);
    }
  }
  const duplicate = receiver.spans.filter(({ attributes }) => attributes["belay.outcome"] === "duplicate");
  expect(duplicate).toHaveLength(1);

  // The call that was repeated within the run is there twice, below one step.
  const flaky = traceOf(receiver, "flaky-1");
  checkConnected(flaky);
  const calls = flaky.filter(({ kind }) => kind === "SPAN_KIND_CLIENT").map(({ attributes }) => attributes["http.response.status_code"]);
  expect(calls).toEqual([503, 201, 201]);

  // A provider's trace goes on, and is complete without the provider.
  const traced = traceOf(receiver, "traced-1");
  checkConnected(traced);
  expect(traced.map(({ traceId }) => traceId)).toEqual(traced.map(() => "1".repeat(32)));
  expect(traced.flatMap(({ links }) => links)).toEqual(["2".repeat(16)]);

  // The host application's trace goes on.
  const closed = traceOf(receiver, "may");
  expect(closed.map(({ traceId }) => traceId)).toEqual(closed.map(() => host.traceId));
  checkConnected(closed, host.spanId);
  expect(shapeOf(closed)).toEqual(["- > POST /v1/events", "POST /v1/events > run close", "run close > POST ledger.entry.create"]);

  expect(receiver.headers.every((headers) => headers["x-key"] === "of-the-collector")).toBe(true);
  expect(JSON.stringify(receiver.spans, (_name, value: unknown) => (typeof value === "bigint" ? String(value) : value))).not.toMatch(
    /canary|the-token-of|the-secret-of/,
  );
});

test("what fails is told whole although nothing is sampled, and what needs an engineer goes to the error tracker once, grouped", async () => {
  await using receiver = await startOtlpReceiver();
  await using tracker = await startSentryReceiver();
  await using ledger = await startLedger();
  const environment = {
    ...never,
    DATABASE_URL: await freshPostgres(),
    LEDGER_URL: ledger.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    SENTRY_DSN: tracker.dsn,
    SENTRY_ENVIRONMENT: "test",
  };
  const mistakes = [randomUUID(), randomUUID()];
  {
    await using ingress = await startBelayProcess("ingest", environment);
    await using _worker = await startBelayProcess("worker", environment);
    for (const id of ["good-1", "refused-1", "good-2"]) await deliver(ingress.url, sold(id));
    for (const id of mistakes) await deliver(ingress.url, { id, type: "returned" });
    for (const id of ["drifted-1", "drifted-2"]) await deliver(ingress.url, { id, type: "sold", amount: "canary@buyer.example" });
    await receiver.until(() => ["refused-1", ...mistakes].every((id) => runsOf(receiver, id).length > 0));
    await tracker.until(() => tracker.events.length >= 4);
  }

  expect(traceOf(receiver, "good-1")).toEqual([]);
  expect(traceOf(receiver, "good-2")).toEqual([]);
  const refused = traceOf(receiver, "refused-1");
  checkConnected(refused);
  expect(shapeOf(refused)).toEqual(["- > receive", "receive > run book", "run book > step debit", "step debit > POST ledger.entry.create"]);
  expect(refused.find(({ kind }) => kind === "SPAN_KIND_CONSUMER")).toMatchObject({
    status: "STATUS_CODE_ERROR",
    attributes: { "belay.verdict": "dead", "error.type": "HTTP_FORBIDDEN", "belay.failure.owner": "tenant" },
  });
  const drifted = traceOf(receiver, "drifted-1");
  checkConnected(drifted);
  expect(drifted).toMatchObject([{ status: "STATUS_CODE_ERROR", attributes: { "error.type": "CONTRACT_PAYLOAD_INVALID" } }]);

  expect(tracker.violations).toEqual([]);
  // A provider that refuses is nothing that an engineer has to mend.
  expect(tracker.events.map(({ fingerprint }) => fingerprint.join(" ")).toSorted()).toEqual([
    "CONTRACT_PAYLOAD_INVALID book/acme-shop/sold",
    "CONTRACT_PAYLOAD_INVALID book/acme-shop/sold",
    "FLOW_STEP_REPEATED take-back",
    "FLOW_STEP_REPEATED take-back",
  ]);
  const told = tracker.events.filter(({ tags }) => tags["error.type"] === "FLOW_STEP_REPEATED");
  expect(new Set(told.map(({ contexts }) => contexts?.trace.trace_id))).toEqual(
    new Set(mistakes.map((id) => traceOf(receiver, id)[0]?.traceId)),
  );
  expect(tracker.bodies.join("\n")).not.toMatch(/canary|the-token-of|the-secret-of/);
});
