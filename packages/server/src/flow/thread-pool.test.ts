import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defaultRetryPolicy, type LeasedRunner, type Message, type StepRecord } from "../mailbox/index.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import type { WalkDesk } from "../syncs/index.ts";
import { lease, messageTo } from "./__fixtures__/messages.ts";
import { ThreadPool, type ThreadPoolParts } from "./thread-pool.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
/** Steps are recorded when the test says so, so that runs can be held in the middle. */
class HeldSteps {
  readonly held: { readonly record: StepRecord; readonly store: () => void }[] = [];
  hold = false;
  #changed = Promise.withResolvers<void>();

  readonly record = (record: StepRecord): Promise<void> => {
    if (!this.hold) return Promise.resolve();
    return new Promise((resolve) => {
      this.held.push({ record, store: resolve });
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
  };

  /** Resolves when `count` runs wait for their steps to be stored. */
  async reached(count: number): Promise<void> {
    while (this.held.length < count) await this.#changed.promise;
  }

  storeAll(): void {
    this.hold = false;
    for (const { store } of this.held.splice(0)) store();
  }
}

/** A provider that counts what reaches it. */
const written: string[] = [];
let provider: Server;
beforeAll(async () => {
  provider = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => written.push((JSON.parse(chunk.toString()) as { name: string }).name));
    request.on("end", () => response.writeHead(201, { "content-type": "application/json" }).end('{"id":"1"}'));
  });
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  process.env["BELAY_TEST_TARGET"] = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});
afterAll(() => {
  provider.closeAllConnections();
  provider.close();
});
beforeEach(() => written.splice(0));

interface Started {
  readonly pool: ThreadPool;
  readonly counters: Counters;
  readonly steps: HeldSteps;
}

async function start(changes: Partial<ThreadPoolParts> = {}): Promise<Started> {
  const counters = new Counters();
  const steps = new HeldSteps();
  const pool = new ThreadPool({
    configUrl: new URL("__fixtures__/belay.config.ts", import.meta.url).href,
    clock: systemClock,
    random: () => 0.5,
    logger: silent,
    counters,
    retry: defaultRetryPolicy,
    recordStep: steps.record,
    hangMs: 400,
    runTimeoutMs: 10_000,
    threadMemoryMb: 64,
    ...changes,
  });
  await pool.start();
  return { pool, counters, steps };
}

const inAnHour = (): number => Date.now() + 3_600_000;

describe("a pool of threads", () => {
  let pool: ThreadPool;
  let counters: Counters;
  let steps: HeldSteps;
  let runner: LeasedRunner;
  beforeAll(async () => {
    ({ pool, counters, steps } = await start());
    return () => pool.close();
  });
  beforeEach(() => {
    steps.hold = false;
    runner = pool.open(lease, inAnHour());
  });
  afterEach(() => {
    steps.storeAll();
    runner.close();
  });

  const failed = { kind: "retry", code: "FLOW_FAILED", afterMs: 500 };
  test.each<readonly [string, object]>([
    ["deliver", { kind: "delivered", stepped: false }],
    ["return nonsense", { kind: "delivered", stepped: false }],
    ["wait for its steps", { kind: "delivered", stepped: true }],
    ["throw error", { ...failed, error: "TypeError: broken" }],
    ["throw never", { kind: "dead", code: "MINE_REFUSED", error: "Refused." }],
    ["throw later", { kind: "retry", code: "MINE_BUSY", afterMs: 5_250 }],
    ["throw waits", { kind: "wait", why: "MINE_FULL", waitMs: 5_000, begun: false }],
    ["throw text", failed],
    ["throw nothing", failed],
    ["throw null", failed],
    ["throw symbol", failed],
    ["throw bare", failed],
    ["throw hostile", failed],
    ["throw fake, bare", { kind: "retry", code: "FAKE", afterMs: 500 }],
    ["throw fake, odd", failed],
  ])("judges a flow that is to %s", async (what, verdict) => {
    expect(await runner.run(messageTo(what))).toMatchObject(verdict);
  });

  test("gives up after as many attempts as the policy allows, and tries again what it does not know", async () => {
    expect(await runner.run(messageTo("throw error", { attempts: defaultRetryPolicy.maxAttempts - 1 }))).toMatchObject({
      kind: "dead",
      code: "FLOW_FAILED",
    });
    expect(await runner.run(messageTo("deliver", { flow: "gone" }))).toMatchObject({ kind: "retry", code: "FLOW_UNKNOWN" });
    expect(await runner.run(messageTo("deliver", { payload: "{" }))).toMatchObject({ kind: "retry", code: "FLOW_FAILED" });
    expect(await runner.run(messageTo("deliver", { payload: '{"do":1}' }))).toMatchObject({
      kind: "dead",
      code: "CONTRACT_PAYLOAD_INVALID",
    });
  });

  test("of a connection that is gone says so", async () => {
    const other = pool.open({ ...lease, connection: "gone" }, inAnHour());
    expect(await other.run(messageTo("deliver"))).toMatchObject({ kind: "retry", code: "FLOW_UNKNOWN" });
    other.close();
  });

  test.each(["hang", "exit"])(
    "when a flow is to %s as it begins, it is charged at once, and all that ran beside it runs again with the others",
    async (what) => {
      const before = counters.get("flow.thread-ended");
      steps.hold = true;
      const tenant = `tenant of ${what}`;
      const innocent = Array.from({ length: 3 }, () => messageTo("wait for its steps", { tenant }));
      const running = innocent.map((message) => runner.run(message));
      await steps.reached(3);
      const [guilty, ...others] = await Promise.all([runner.run(messageTo(what, { tenant })), ...running]);
      expect(guilty).toMatchObject({ kind: "retry", code: "FLOW_THREAD_ENDED" });
      expect(others).toEqual(Array.from({ length: 3 }, () => ({ kind: "suspended" })));
      steps.storeAll();
      expect(await Promise.all(innocent.map((message) => runner.run({ ...message, suspect: true })))).toEqual(
        Array.from({ length: 3 }, () => ({ kind: "delivered", stepped: true })),
      );
      expect(counters.get("flow.thread-ended")).toBe(before + 1);
    },
  );

  test.each(["hang later", "exit later", "leak"])(
    "when a flow is to %s, suspends all that ran beside it; alone, only the guilty one is charged",
    async (what) => {
      steps.hold = true;
      const tenant = `tenant of ${what}`;
      const innocent = Array.from({ length: 3 }, () => messageTo("wait for its steps", { tenant }));
      const running = innocent.map((message) => runner.run(message));
      await steps.reached(3);
      const guilty = messageTo(what, { tenant });
      expect(await Promise.all([runner.run(guilty), ...running])).toEqual(Array.from({ length: 4 }, () => ({ kind: "suspended" })));
      steps.storeAll();
      const again = await Promise.all([...innocent, guilty].map((message) => runner.run({ ...message, suspect: true })));
      expect(again.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => ({ kind: "delivered", stepped: true })));
      expect(again[3]).toMatchObject({ kind: "retry", code: "FLOW_THREAD_ENDED" });
      expect(await runner.run(messageTo("deliver"))).toMatchObject({ kind: "delivered" });
      expect(counters.get("flow.thread-ended")).toBeGreaterThanOrEqual(5);
    },
  );

  test("suspends what a hanging thread had not begun, and holds nothing against it", async () => {
    const before = counters.get("flow.thread-ended");
    const hanging = runner.run(messageTo("hang", { tenant: "jam" }));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    const behind = Array.from({ length: 5 }, () => messageTo("deliver", { tenant: "jam" }));
    const [, ...ends] = await Promise.all([hanging, ...behind.map((message) => runner.run(message))]);
    expect(ends).toEqual(Array.from({ length: 5 }, () => ({ kind: "suspended" })));
    expect(counters.get("flow.thread-ended")).toBe(before + 1);
  });

  test("outlives a promise that a flow let fail on the side", async () => {
    const message = messageTo("reject aside", { tenant: "aside" });
    expect(await runner.run(message)).toEqual({ kind: "suspended" });
    expect(await runner.run(message)).toMatchObject({ kind: "retry", code: "FLOW_THREAD_ENDED" });
    expect(await runner.run(messageTo("deliver", { tenant: "beside" }))).toMatchObject({ kind: "delivered" });
  });

  test("does not end a healthy thread because the main thread itself stood still", async () => {
    const before = counters.get("flow.thread-ended");
    steps.hold = true;
    const running = runner.run(messageTo("wait for its steps", { tenant: "stalled" }));
    await steps.reached(1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    await new Promise((resolve) => setImmediate(resolve));
    steps.storeAll();
    expect(await running).toMatchObject({ kind: "delivered" });
    expect(counters.get("flow.thread-ended")).toBe(before);
  });

  describe("under a lease", () => {
    const message = (what: string, name: string): Message => messageTo(what, { name, tenant: "leased" });

    test("writes", async () => {
      expect(await runner.run(message("write", "a"))).toEqual({ kind: "delivered", stepped: false });
      expect(written).toEqual(["a"]);
    });

    test("that is revoked writes nothing more, and its runs are suspended", async () => {
      steps.hold = true;
      const [waiting, told] = [runner.run(message("write after a step", "a")), runner.run(message("write when told to stop", "b"))];
      await steps.reached(2);
      runner.revoke();
      steps.storeAll();
      expect(await Promise.all([waiting, told])).toEqual([{ kind: "suspended" }, { kind: "suspended" }]);
      expect(written).toEqual([]);
    });

    test("whose time is up writes nothing more, and is suspended also when the flow looks away", async () => {
      const late = pool.open(lease, Date.now() - 1);
      expect(await late.run(message("write", "a"))).toEqual({ kind: "suspended" });
      expect(await late.run(message("write and look away", "b"))).toEqual({ kind: "suspended" });
      expect(written).toEqual([]);
      late.extend(inAnHour(), lease.token);
      expect(await late.run(message("write", "c"))).toMatchObject({ kind: "delivered" });
      late.close();
    });

    test("that was closed begins nothing, and its place serves one other lease only", async () => {
      const [closed, kept] = [pool.open(lease, inAnHour()), pool.open(lease, inAnHour())];
      closed.revoke();
      closed.close();
      closed.close();
      const [one, two] = [pool.open(lease, inAnHour()), pool.open(lease, inAnHour())];
      // What is said to the closed one must reach neither of those that came after it.
      closed.revoke();
      closed.extend(inAnHour(), lease.token);
      expect(await closed.run(message("write", "closed"))).toEqual({ kind: "suspended" });
      two.revoke();
      expect(await one.run(message("write", "one"))).toMatchObject({ kind: "delivered" });
      expect(await two.run(message("write", "two"))).toEqual({ kind: "suspended" });
      expect(await kept.run(message("write", "kept"))).toMatchObject({ kind: "delivered" });
      expect(written).toEqual(["one", "kept"]);
      for (const each of [one, two, kept]) each.close();
    });
  });
});

test("a walk is opened under the token that its mailbox is held by, also after that was leased anew", async () => {
  const tokens: number[] = [];
  const walks: WalkDesk = {
    open: (_message, { token }) => {
      tokens.push(token);
      return Promise.resolve(null);
    },
  };
  const { pool } = await start({ walks });
  const runner = pool.open(lease, inAnHour());
  await runner.run(messageTo("walk"));
  runner.extend(inAnHour(), lease.token + 1);
  await runner.run(messageTo("walk"));
  expect(tokens).toEqual([lease.token, lease.token + 1]);
});

test("a walk ends with a message that can never be read", async () => {
  const failed: string[] = [];
  const walk = {
    request: {} as never,
    take: () => Promise.reject(new Error("Nothing is read.")),
    fail: async (code: string) => void failed.push(code),
  };
  const { pool } = await start({ walks: { open: () => Promise.resolve(walk) } });
  await pool.open(lease, inAnHour()).giveUp?.(messageTo("walk"), "VAULT_KEYS_DESTROYED");
  expect(failed).toEqual(["VAULT_KEYS_DESTROYED"]);
});

test("a run that never ends is given up when its time is over", async () => {
  const { pool } = await start({ runTimeoutMs: 60 });
  const runner = pool.open(lease, inAnHour());
  expect(await runner.run(messageTo("never end"))).toMatchObject({ kind: "retry", code: "FLOW_TIMED_OUT" });
  expect(await runner.run(messageTo("deliver"))).toMatchObject({ kind: "delivered" });
  await pool.close();
});

test("that a flow runs alone from now on is told once, however often it ends its thread after that", async () => {
  const told: unknown[] = [];
  const { pool } = await start({ tell: ({ type, tenant, cause }) => void told.push({ type, tenant, cause }) });
  const runner = pool.open(lease, inAnHour());
  for (const tenant of ["one", "one", "two"]) {
    expect(await runner.run(messageTo("exit", { tenant }))).toMatchObject({ kind: "retry", code: "FLOW_THREAD_ENDED" });
  }
  expect(told).toEqual(["one", "two"].map((tenant) => ({ type: "flow.isolated", tenant, cause: "FLOW_THREAD_ENDED" })));
  await pool.close();
});

test("a pool that is closed suspends what runs and blames nobody", async () => {
  const { pool, steps, counters } = await start();
  const runner = pool.open(lease, inAnHour());
  steps.hold = true;
  const running = runner.run(messageTo("wait for its steps"));
  await steps.reached(1);
  await pool.close();
  expect(await running).toEqual({ kind: "suspended" });
  expect(await runner.run(messageTo("deliver"))).toEqual({ kind: "suspended" });
  expect(counters.get("flow.thread-ended")).toBe(0);
});

test("a pool whose configuration cannot be loaded does not start", async () => {
  await expect(start({ configUrl: new URL("__fixtures__/missing.config.ts", import.meta.url).href })).rejects.toThrow(
    /missing\.config\.ts/,
  );
});
