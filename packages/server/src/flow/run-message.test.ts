import { BelayError, defineConnector, defineFlow, type Flow, type FlowContext } from "@belay/sdk";
import { currentOperation } from "@belay/sdk/http";
import { hmacSignature } from "@belay/sdk/webhook";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { RunRequest } from "./protocol.ts";
import { runMessage } from "./run-message.ts";
import { RunWatch } from "./run-report.ts";

const source = defineConnector({
  id: "source",
  title: "Source",
  baseUrl: "https://source.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: hmacSignature({ header: "x" }),
    maxBytes: 1_000,
    id: { header: "x", signed: false },
    type: { header: "x" },
    events: { changed: z.object({ id: z.string(), at: z.coerce.date().optional() }) },
  },
});
const target = defineConnector({
  id: "target",
  title: "Target",
  baseUrl: "https://target.example",
  auth: { kind: "bearer" },
  resources: {},
});

type Context = FlowContext<{ id: string; at?: Date | undefined }, unknown>;

function newRequest(changes: Partial<RunRequest> = {}): RunRequest {
  return {
    run: 1,
    lane: "event",
    slot: 0,
    tenant: "acme",
    flow: "f",
    target: "acme-target",
    connection: "acme-source",
    eventKey: "evt_1",
    eventType: "changed",
    payload: '{"id":"x"}',
    attempt: 1,
    suspect: false,
    firstAttemptAtMs: null,
    trace: null,
    steps: {},
    ...changes,
  };
}

interface Ran {
  readonly end: Awaited<ReturnType<typeof runMessage>>;
  /** What happened, in order: `begin name`, `record name`, `recorded name`. */
  readonly log: readonly string[];
  readonly recorded: Readonly<Record<string, string>>;
}

/** Runs a flow once. `hold` keeps the record of a step from being stored until it resolves. */
async function run(
  work: (context: Context, log: string[]) => Promise<unknown>,
  changes: Partial<RunRequest> = {},
  ports: { readonly record?: (name: string) => Promise<void>; readonly leaseCheck?: () => void; readonly signal?: AbortSignal } = {},
): Promise<Ran> {
  const log: string[] = [];
  const recorded: Record<string, string> = {};
  const flow: Flow = defineFlow({
    id: "f",
    on: source.events.changed,
    to: target,
    run: async (context) => void (await work(context as Context, log)),
  });
  const end = await runMessage(newRequest(changes), {
    flow,
    target: { id: "acme-target", tenant: "acme", connector: "target" },
    client: {},
    connections: {},
    now: () => 1_000,
    enter: (code) => code(),
    watch: new RunWatch(
      null,
      () => 1_000,
      () => 0.5,
    ),
    runTimeoutMs: 60_000,
    signal: ports.signal ?? new AbortController().signal,
    leaseCheck: ports.leaseCheck ?? (() => {}),
    recordStep: async ({ name, result, wrote }) => {
      log.push(`record ${name}${wrote ? ", which wrote" : ""}`);
      await ports.record?.(name);
      recorded[name] = result;
      log.push(`recorded ${name}`);
    },
  });
  return { end, log, recorded };
}

const step = async (context: Context, log: string[], name: string, value: unknown = name): Promise<unknown> =>
  await context.step(name, async () => {
    log.push(`begin ${name}`);
    await Promise.resolve();
    return value;
  });

test("a step that let a write leave is recorded as one that wrote", async () => {
  const { log } = await run(async (context) => {
    await context.step("compute", async () => 1);
    await context.step("write", async () => currentOperation()?.beforeWrite());
    await context.step("last", async () => 1);
  });
  expect(log.filter((line) => !line.startsWith("recorded"))).toEqual(["record compute", "record write, which wrote"]);
});

test("a run gets the validated payload, the tenant and the attempt", async () => {
  const seen: unknown[] = [];
  const { end } = await run(async (context) => void seen.push(context.event, context.tenant, context.attempt), {
    payload: '\uFEFF{"id":"x","at":"2026-01-01T00:00:00Z"}',
    attempt: 3,
  });
  expect(end).toEqual({ run: 1, kind: "delivered", stepped: false });
  expect(seen).toEqual([{ id: "x", at: new Date("2026-01-01T00:00:00Z") }, "acme", 3]);
});

test("a payload that does not fit the schema ends for good, naming the field", async () => {
  const { end } = await run(async () => {}, { payload: '{"id":7}' });
  expect(end).toMatchObject({ kind: "failed", code: "CONTRACT_PAYLOAD_INVALID", retry: "never", error: expect.stringContaining("id:") });
});

describe("steps", () => {
  test("are on disk before the next begins, and the last one needs no write", async () => {
    const { end, log } = await run(async (context, log) => {
      for (const name of ["one", "two", "three"]) await step(context, log, name);
    });
    expect(log).toEqual(["begin one", "record one", "recorded one", "begin two", "record two", "recorded two", "begin three"]);
    expect(end).toEqual({ run: 1, kind: "delivered", stepped: true });
  });

  test("that are known are not run again", async () => {
    const { log, end } = await run(
      async (context, log) => {
        log.push(JSON.stringify(await step(context, log, "one")));
        await step(context, log, "two");
      },
      { steps: { one: '{"kept":true}' } },
    );
    expect(log).toEqual(['{"kept":true}', "begin two"]);
    expect(end).toMatchObject({ kind: "delivered", stepped: true });
  });

  test("that finished are on disk before the run is said to have failed", async () => {
    const { end, recorded } = await run(async (context, log) => {
      await step(context, log, "one");
      throw new Error("broken");
    });
    expect(recorded).toEqual({ one: '"one"' });
    expect(end).toMatchObject({ kind: "failed", code: "FLOW_FAILED", error: "Error: broken", retry: "backoff", stepped: true });
  });

  test("side by side are all on disk before the next begins", async () => {
    const { log, recorded } = await run(async (context, log) => {
      await Promise.all([step(context, log, "a"), step(context, log, "b"), step(context, log, "c")]);
      await step(context, log, "next");
    });
    expect(recorded).toEqual({ a: '"a"', b: '"b"', c: '"c"' });
    expect(log.at(-1)).toBe("begin next");
  });

  test("do not begin while the record of an earlier one is under way, whoever asked for it", async () => {
    const gate = Promise.withResolvers<void>();
    const running = run(
      async (context, log) => {
        await step(context, log, "one");
        const both = Promise.all([step(context, log, "two"), step(context, log, "three")]);
        await Promise.resolve();
        await Promise.resolve();
        log.push("released");
        gate.resolve();
        await both;
      },
      {},
      { record: () => gate.promise },
    );
    const { log } = await running;
    expect(log.indexOf("begin two")).toBeGreaterThan(log.indexOf("recorded one"));
    expect(log.indexOf("begin three")).toBeGreaterThan(log.indexOf("recorded one"));
  });

  test("whose result could not be stored end the run before the next begins", async () => {
    const { end, log } = await run(
      async (context, log) => {
        await step(context, log, "one");
        await step(context, log, "two");
      },
      {},
      { record: () => Promise.reject(new Error("no disk")) },
    );
    expect(log).not.toContain("begin two");
    expect(end).toMatchObject({ kind: "failed", code: "FLOW_STEP_UNRECORDED", retry: "backoff" });
  });

  test("of one name twice are refused", async () => {
    const { end } = await run(async (context, log) => {
      await step(context, log, "one");
      await step(context, log, "one");
    });
    expect(end).toMatchObject({ kind: "failed", code: "FLOW_STEP_REPEATED", retry: "never" });
  });

  test.each(["constructor", "toString", "__proto__", "", "ü \u{1F600}"])("may be named %j", async (name) => {
    const first = await run(async (context, log) => {
      await step(context, log, name, { value: 1 });
      throw new Error("again");
    });
    expect(first.log).toContain(`begin ${name}`);
    expect(Object.entries(first.recorded).length + Number(name === "__proto__")).toBe(1);
    const again = await run(async (context, log) => void log.push(JSON.stringify(await step(context, log, name))), {
      steps: JSON.parse(`{${JSON.stringify(name)}:"{\\"value\\":1}"}`) as Record<string, string>,
    });
    expect(again.log).toEqual(['{"value":1}']);
  });

  test.each([
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["a bigint", 1n],
    [
      "something that contains itself",
      (() => {
        const self: Record<string, unknown> = {};
        self["self"] = self;
        return self;
      })(),
    ],
  ])("with a result that is %s are refused", async (_what, value) => {
    const { end } = await run(async (context, log) => await step(context, log, "one", value));
    expect(end).toMatchObject({ kind: "failed", code: "FLOW_STEP_RESULT_INVALID", retry: "never" });
  });

  test.each([
    ["a date", new Date(0)],
    ["undefined inside", { a: undefined, b: 1 }],
    ["not a number", Number.NaN],
    ["a map", new Map([[1, 2]])],
    ["nothing", undefined],
    ["plain data", { a: [1, "b", null] }],
  ])("give the flow %s in the same form the first time as when they are remembered", async (_what, value) => {
    const seen: unknown[] = [];
    const first = await run(async (context, log) => {
      seen.push(await step(context, log, "one", value));
      throw new Error("again");
    });
    await run(async (context, log) => void seen.push(await step(context, log, "one", value)), { steps: first.recorded });
    expect(seen[0]).toEqual(seen[1]);
    expect(JSON.stringify(seen[0])).toBe(JSON.stringify(seen[1]));
    expect(Object.getPrototypeOf(seen[0] ?? {})).toBe(Object.getPrototypeOf(seen[1] ?? {}));
  });
});

describe("idempotency keys", () => {
  async function keysOf(changes: Partial<RunRequest> = {}): Promise<string[]> {
    const keys: string[] = [];
    const note = (): void => void keys.push(currentOperation()!.nextKey());
    await run(async ({ step: inStep }) => {
      note();
      await inStep("one", async () => note());
      await inStep("two", async () => {
        note();
        note();
      });
    }, changes);
    return keys;
  }

  test("are the same in every attempt, on every process, after every replay", async () => {
    const first = await keysOf();
    expect(new Set(first).size).toBe(4);
    expect(
      await keysOf({
        attempt: 9,
        suspect: true,
        run: 77,
        slot: 5,
        firstAttemptAtMs: 12,
        trace: "00-1",
        payload: '{"id":"other"}',
        target: "renamed",
      }),
    ).toEqual(first);
    // Fixed for ever: a release that changed them would repeat every effect that is under way.
    expect(first[1]).toBe("8cLLZ2WbVCV2BNEGCzTsNCwGDEhNbHN-U_D2k9mSd48:0");
  });

  test.each(["tenant", "flow", "connection", "eventKey"] as const)("differ by %s", async (field) => {
    const [first, other] = [await keysOf(), await keysOf({ [field]: "another" })];
    expect(first.filter((key) => other.includes(key))).toEqual([]);
  });

  test("do not run into each other where names are put together", async () => {
    expect(await keysOf({ flow: "a", connection: "b,c" })).not.toEqual(await keysOf({ flow: "a,b", connection: "c" }));
  });
});

describe("an end", () => {
  const thrown = async (error: unknown): Promise<Ran["end"]> => (await run(() => Promise.reject(error))).end; // oxlint-disable-line typescript/prefer-promise-reject-errors

  test.each([
    ["an error of Belay", new BelayError("X_NO", "No.", { retry: "never" }), { code: "X_NO", error: "No.", retry: "never", waits: false }],
    [
      "one that waits",
      new BelayError("X_FULL", "Full.", { retry: { afterMs: 7 }, details: { waits: true } }),
      { code: "X_FULL", retry: { afterMs: 7 }, waits: true },
    ],
    [
      "one that met an outage",
      new BelayError("X_AWAY", "Away.", { retry: "backoff", details: { outage: true } }),
      { code: "X_AWAY", waits: false, outage: true },
    ],
    ["an error of another kind", new TypeError("broken"), { code: "FLOW_FAILED", error: "TypeError: broken", retry: "backoff" }],
    ["a text", "broken", { code: "FLOW_FAILED", error: expect.stringContaining("broken"), retry: "backoff" }],
    ["nothing", undefined, { code: "FLOW_FAILED", retry: "backoff" }],
    ["a symbol", Symbol("s"), { code: "FLOW_FAILED", retry: "backoff" }],
    ["an object without a text", Object.create(null), { code: "FLOW_FAILED", retry: "backoff" }],
    [
      "an imitation without details",
      Object.assign(new Error("fake"), { name: "BelayError", code: "FAKE", retry: "never" }),
      { code: "FAKE", retry: "never", waits: false },
    ],
    [
      "an imitation with a code that is no text",
      Object.assign(new Error("fake"), { name: "BelayError", code: 7, retry: "never" }),
      { code: "FLOW_FAILED", retry: "backoff" },
    ],
    [
      "an imitation with a retry that is none",
      Object.assign(new Error("fake"), { name: "BelayError", code: "FAKE", retry: { afterMs: "soon" } }),
      { code: "FAKE", retry: "backoff" },
    ],
    [
      "an imitation with a time that is none",
      Object.assign(new Error("fake"), { name: "BelayError", code: "FAKE", retry: { afterMs: Number.NaN } }),
      { code: "FAKE", retry: "backoff" },
    ],
  ])("by %s is told, and can be sent to another thread", async (_what, error, expected) => {
    const end = await thrown(error);
    expect(end).toMatchObject({ kind: "failed", ...expected });
    expect(structuredClone(end)).toEqual(end);
  });

  test("by a lost lease is a suspension, also when the flow looked away", async () => {
    const leaseCheck = (): void => {
      throw new BelayError("LEASE_LOST", "lost", { retry: "backoff" });
    };
    const write = async (): Promise<void> => currentOperation()!.beforeWrite();
    expect((await run(() => write(), {}, { leaseCheck })).end).toEqual({ run: 1, kind: "suspended" });
    expect((await run(async ({ step }) => await step("one", write), {}, { leaseCheck })).end).toEqual({ run: 1, kind: "suspended" });
    expect((await run(() => write().catch(() => {}), {}, { leaseCheck })).end).toEqual({ run: 1, kind: "suspended" });
  });

  test("after an abort is a suspension, or the reason when the time was up", async () => {
    const lost = AbortSignal.abort(new BelayError("LEASE_LOST", "lost"));
    expect((await run(() => Promise.reject(new Error("aborted")), {}, { signal: lost })).end).toEqual({ run: 1, kind: "suspended" });
    const late = AbortSignal.abort(new BelayError("FLOW_TIMED_OUT", "late", { retry: "backoff" }));
    expect((await run(() => Promise.reject(new Error("aborted")), {}, { signal: late })).end).toMatchObject({
      kind: "failed",
      code: "FLOW_TIMED_OUT",
      retry: "backoff",
    });
  });
});
