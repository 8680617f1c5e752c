import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { startOtlpReceiver } from "../../../../test/telemetry/otlp-receiver.ts";
import { startSentryReceiver } from "../../../../test/telemetry/sentry-receiver.ts";
import { systemClock } from "../telemetry/index.ts";
import { newRun } from "./__fixtures__/ended-run.ts";
import { startTracing, type TracingParts } from "./start-tracing.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

function newParts(parts: Partial<TracingParts>): TracingParts {
  return {
    targets: {},
    environment: {},
    logger: silent,
    clock: systemClock,
    random: () => 0.5,
    addressOf: () => undefined,
    classify: () => "flow-mistake",
    ...parts,
  };
}

const receipt = {
  trace: traceparent,
  route: "/in/{endpoint}",
  tenant: "acme",
  connection: "acme-shop",
  outcome: "accepted",
  quarantined: [],
  status: 202,
  startedAtMs: 1_000,
  endedAtMs: 1_001,
} as const;

test("switched off, it leaves the log as it is and asks to be told nothing", async () => {
  const tracing = await startTracing(newParts({}));
  expect(tracing.logger).toBe(silent);
  expect(tracing).not.toHaveProperty("onRunEnd");
  expect(tracing).not.toHaveProperty("onReceived");
  await tracing.close();
});

test("log lines go to the collector with tenant, connection, message and trace, and without the text of errors", async () => {
  await using receiver = await startOtlpReceiver();
  const seen = vi.fn<() => void>();
  const { logger, close } = await startTracing(newParts({ targets: { otlp: { url: receiver.url } }, logger: { ...silent, error: seen } }));
  const error = Object.assign(new TypeError("no row for canary@buyer.example\n    at canary (canary.ts:1:1)"), { code: "23505" });
  const facts = { error, tenant: "acme", connection: "acme-desk", message: 7, trace: traceparent, pauseMs: 50 };
  logger.error(facts, "The database did not answer.");
  logger.debug({}, "Not for a collector.");
  await close();
  expect(seen).toHaveBeenCalledExactlyOnceWith(facts, "The database did not answer.");
  expect(receiver.logs).toHaveLength(1);
  expect(receiver.logs[0]).toMatchObject({
    body: "The database did not answer.",
    severity: "ERROR",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    attributes: {
      "belay.tenant": "acme",
      "belay.connection": "acme-desk",
      "belay.message.id": 7,
      "belay.fact.pauseMs": 50,
      "error.type": "23505",
      "exception.type": "TypeError",
      "exception.stacktrace": expect.stringContaining("start-tracing.test.ts") as string,
    },
  });
  expect(JSON.stringify(receiver.logs)).not.toContain("canary");
});

test("an unforeseen error goes to the tracker with its place and without its text", async () => {
  await using tracker = await startSentryReceiver();
  const { logger, close } = await startTracing(newParts({ targets: { sentry: { dsn: tracker.dsn } } }));
  const fail = (): void => logger.error({ error: new TypeError("canary@buyer.example") }, "A request failed.");
  fail();
  fail();
  logger.error({ hangMs: 2_000 }, "A fact without an error.");
  logger.warn({ error: new Error("canary") }, "Nothing to mend.");
  await close();
  expect(tracker.violations).toEqual([]);
  expect(tracker.events.map(({ fingerprint }) => fingerprint)).toEqual([
    ["TypeError", "A request failed."],
    ["TypeError", "A request failed."],
  ]);
  expect(tracker.bodies.join("")).toContain("start-tracing.test.ts");
  expect(tracker.bodies.join("")).not.toContain("canary");
});

test("that a collector takes nothing is said once, until it takes something again", async () => {
  let asked = 0;
  const collector = createServer((_request, response) => {
    asked += 1;
    response.writeHead(400).end();
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void collector.close());
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const warn = vi.fn<(facts: object, message: string) => void>();
  const { onReceived, close } = await startTracing(newParts({ targets: { otlp: { url } }, logger: { ...silent, warn } }));
  // Two batches.
  for (let count = 0; count < 600; count += 1) onReceived?.(receipt);
  await close();
  expect(asked).toBeGreaterThan(1);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.anything(), expect.stringMatching(/^Traces cannot be sent/));
});

test("a mistake in the telling breaks nothing, and is said once", async () => {
  const warn = vi.fn<(facts: object, message: string) => void>();
  const addressOf = (): never => {
    throw new TypeError("no catalog");
  };
  const parts = newParts({ targets: { otlp: { url: "http://127.0.0.1:9" } }, logger: { ...silent, warn }, addressOf });
  const { onRunEnd, close } = await startTracing({ ...parts, clock: { now: () => 1_000, sleep: async () => {} } });
  const call = {
    connection: "acme/acme-desk",
    label: "desk.ticket.get",
    startedAt: 1,
    durationMs: 1,
    step: "",
    spanId: "e".repeat(16),
    ok: true,
  };
  const exchanges = [{ ...call, request: { method: "GET", path: "/", headers: {} } } as const];
  const run = newRun({ report: { spanId: "a".repeat(16), startedAt: 1, endedAt: 3, steps: [], exchanges } });
  onRunEnd?.(run);
  onRunEnd?.(run);
  await close();
  expect(warn).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ error: expect.any(TypeError) as Error }),
    expect.stringContaining("mistake"),
  );
});

test("a collector that is down holds up neither what happens nor the end", async () => {
  const sleeps: number[] = [];
  const clock = { now: () => 1_000, sleep: async (ms: number) => void sleeps.push(ms) };
  const { onReceived, close } = await startTracing(newParts({ targets: { otlp: { url: "http://127.0.0.1:9" } }, clock }));
  for (let count = 0; count < 10_000; count += 1) onReceived?.(receipt);
  await close();
  expect(sleeps).toEqual([3_000]);
});
