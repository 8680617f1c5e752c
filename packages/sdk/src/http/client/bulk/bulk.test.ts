import { expect, test } from "vitest";
import { BelayError } from "../../../errors/belay-error.ts";
import { keyed, looking, startBulkDesk } from "../../__fixtures__/bulk-desk.ts";
import type { BulkDesk, Fate } from "../../__fixtures__/bulk-desk.ts";
import { connectionTo, testPorts } from "../../__fixtures__/desk.ts";
import { ManualClock } from "../../__fixtures__/manual-clock.ts";
import { runInOperation } from "../../operation-context.ts";
import type { OperationContext } from "../../operation-context.ts";
import type { Attempt } from "../../record.ts";
import { createClient } from "../create-client.ts";

/** Its short timers are due when everything else of the turn is done, so that what belongs to one turn is collected. */
class TurnClock extends ManualClock {
  timer(ms: number, act: () => void): () => void {
    if (ms >= 1_000) {
      const calledOff = new AbortController();
      this.sleep(ms, calledOff.signal).then(act, () => undefined);
      return () => calledOff.abort();
    }
    const timer = setImmediate(() => {
      this.advance(ms);
      act();
    });
    return () => clearImmediate(timer);
  }
}

type Thing = ReturnType<typeof createClient<typeof looking>>["thing"];

interface Setup extends AsyncDisposable {
  readonly desk: BulkDesk;
  readonly thing: Thing;
  readonly clock: ManualClock;
}

async function start(
  shape: "lists" | "positions",
  fates: Fate[] = [],
  { hold = false, clock }: { hold?: boolean; clock?: ManualClock } = {},
): Promise<Setup> {
  const desk = await startBulkDesk(shape, fates, hold);
  const ports = testPorts();
  const used = clock ?? new TurnClock(10_000);
  const client = createClient(shape === "lists" ? looking : keyed, connectionTo(desk.provider.url), { ...ports, clock: used });
  return {
    desk,
    thing: client.thing,
    clock: used,
    async [Symbol.asyncDispose](): Promise<void> {
      await ports[Symbol.asyncDispose]();
      await desk[Symbol.asyncDispose]();
    },
  };
}

function contextOf(key: string, changes: Partial<OperationContext> = {}): OperationContext {
  return {
    key,
    suspect: false,
    leaseCheck: () => undefined,
    signal: new AbortController().signal,
    deadlineAt: Number.POSITIVE_INFINITY,
    ...changes,
  };
}

/** A run of a flow that creates one thing. */
function run(thing: Thing, name: string, changes: Partial<OperationContext> = {}): Promise<unknown> {
  return runInOperation(contextOf(name, changes), () => thing.create({ name }));
}

const codes = (settled: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  settled.map((one) => (one.status === "fulfilled" ? "ok" : one.reason instanceof BelayError ? one.reason.code : one.reason));

/** Until everything that is ready has been done. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Until so many calls for many have come. */
async function untilCalls(desk: BulkDesk, count: number): Promise<void> {
  while (desk.calls().length < count) await turn();
}

test("writes of different runs go as one call, and each run gets its own record", async () => {
  await using given = await start("lists");
  const records = await Promise.all(["a", "b", "c"].map((name) => run(given.thing, name)));
  expect(given.desk.calls()).toEqual([["a", "b", "c"]]);
  expect(records).toMatchObject([{ name: "a" }, { name: "b" }, { name: "c" }]);
});

test("a bad item gets the error that its row names and costs no other anything", async () => {
  for (const shape of ["lists", "positions"] as const) {
    await using given = await start(shape);
    const settled = await Promise.allSettled(["a", "bad", "c"].map((name) => run(given.thing, name)));
    expect(codes(settled)).toEqual(["ok", "DESK_NAME_BAD", "ok"]);
    expect(given.desk.kept.map(({ name }) => name)).toEqual(["a", "c"]);
    expect(given.desk.calls()).toHaveLength(1);
  }
});

test("a call that is not full waits for the time that was declared", async () => {
  await using given = await start("lists", [], { clock: new ManualClock() });
  const writing = run(given.thing, "a");
  await turn();
  given.clock.advance(49);
  await turn();
  expect(given.desk.calls()).toEqual([]);
  given.clock.advance(1);
  expect(await writing).toMatchObject({ name: "a" });
});

test("an urgent write does not wait, and takes along what does", async () => {
  await using given = await start("lists", [], { clock: new ManualClock() });
  const patient = run(given.thing, "a");
  await turn();
  expect(await run(given.thing, "b", { lane: "interactive" })).toMatchObject({ name: "b" });
  expect(await patient).toMatchObject({ name: "a" });
  expect(given.desk.calls()).toEqual([["a", "b"]]);
});

test("while a call is under way the rest waits for those whom its answer sets free", async () => {
  await using given = await start("lists", [], { clock: new ManualClock(), hold: true });
  const first = ["a", "b", "c", "d"].map((name) => run(given.thing, name));
  await untilCalls(given.desk, 1);
  given.clock.advance(200);
  await turn();
  expect(given.desk.calls()).toEqual([["a", "b", "c"]]);
  given.desk.release();
  await first[0];
  const next = ["e", "f"].map((name) => run(given.thing, name));
  await untilCalls(given.desk, 2);
  given.desk.release();
  await Promise.all([...first, ...next]);
  expect(given.desk.calls()).toEqual([
    ["a", "b", "c"],
    ["d", "e", "f"],
  ]);
});

test("a run whose lease is lost is taken out before anything leaves", async () => {
  await using given = await start("lists");
  const lost = new BelayError("LEASE_LOST", "gone", { retry: "backoff" });
  const settled = await Promise.allSettled([
    run(given.thing, "a"),
    run(given.thing, "b", {
      leaseCheck: () => {
        throw lost;
      },
    }),
    run(given.thing, "c"),
  ]);
  expect(codes(settled)).toEqual(["ok", "LEASE_LOST", "ok"]);
  expect(given.desk.calls()).toEqual([["a", "c"]]);
});

test("a run that is called off while its write waits takes nothing of the others with it", async () => {
  await using given = await start("lists", [], { clock: new ManualClock() });
  const stop = new AbortController();
  const settled = Promise.allSettled([run(given.thing, "a"), run(given.thing, "b", { signal: stop.signal })]);
  await turn();
  stop.abort();
  await turn();
  given.clock.advance(50);
  expect(codes(await settled)).toEqual(["ok", "HTTP_ABORTED"]);
  expect(given.desk.calls()).toEqual([["a"]]);
});

test("a lost answer makes the outcome of all unknown, and each is looked for by itself", async () => {
  await using given = await start("lists", ["commit, then reset"]);
  const records = await Promise.all(["a", "b", "c"].map((name) => run(given.thing, name)));
  expect(records).toMatchObject([{ name: "a" }, { name: "b" }, { name: "c" }]);
  expect(given.desk.kept).toHaveLength(3);
  expect(given.desk.calls()).toHaveLength(1);
});

test("what was not done is sent again, with whoever travels along then", async () => {
  await using given = await start("lists", ["reset"]);
  await Promise.all(["a", "b", "c"].map((name) => run(given.thing, name)));
  expect(given.desk.kept.map(({ name }) => name).toSorted()).toEqual(["a", "b", "c"]);
});

test("an item of which the answer says nothing is looked for, the others are not", async () => {
  await using given = await start("lists", [{ silent: ["b"] }]);
  const records = await Promise.all(["a", "b", "c"].map((name) => run(given.thing, name)));
  expect(records).toMatchObject([{ name: "a" }, { name: "b" }, { name: "c" }]);
  expect(given.desk.kept).toHaveLength(3);
  expect(given.desk.provider.received.filter(({ method }) => method === "GET")).toHaveLength(1);
});

test("an item that met a failure of the provider is unknown where nothing but looking tells", async () => {
  await using given = await start("lists");
  const settled = await Promise.allSettled([run(given.thing, "a"), run(given.thing, "busy")]);
  expect(codes(settled)).toEqual(["ok", "HTTP_OUTCOME_UNKNOWN"]);
});

test("a suspect item keeps its key in whatever call it travels", async () => {
  await using given = await start("positions", ["commit, then reset", "commit, then reset", "commit, then reset"]);
  const first = await Promise.allSettled(["a", "b"].map((name) => run(given.thing, name)));
  expect(codes(first)).toEqual(["HTTP_CONNECTION_LOST", "HTTP_CONNECTION_LOST"]);
  const again = ["x", "b", "y", "a"].map((name) => run(given.thing, name, { suspect: name < "c" }));
  await Promise.all(again);
  expect(given.desk.kept.map(({ name }) => name).toSorted()).toEqual(["a", "b", "x", "y"]);
});

test("a suspect item without a key is looked for before it is sent", async () => {
  await using given = await start("lists");
  given.desk.kept.push({ id: 1, name: "a" });
  await Promise.all([run(given.thing, "a", { suspect: true }), run(given.thing, "b", { suspect: true })]);
  expect(given.desk.calls()).toEqual([["b"]]);
  expect(given.desk.kept).toHaveLength(2);
});

test("a call that is refused as a whole is halved until the bad one is alone", async () => {
  await using given = await start("lists", ["422", "answer", "422"]);
  const settled = await Promise.allSettled(["a", "b", "c"].map((name) => run(given.thing, name)));
  expect(codes(settled)).toEqual(["ok", "ok", "HTTP_REFUSED"]);
  expect(given.desk.calls()).toEqual([["a", "b", "c"], ["a", "b"], ["c"]]);
});

test("many that are given at once are split, told apart by place, and sent without waiting", async () => {
  await using given = await start("lists", [], { clock: new ManualClock() });
  const outcomes = await runInOperation(contextOf("run"), () =>
    given.thing.createMany(["a", "b", "bad", "c", ""].map((name) => ({ name }))),
  );
  expect(outcomes.map((one) => (one.ok ? one.record.name : one.error.code))).toEqual([
    "a",
    "b",
    "DESK_NAME_BAD",
    "c",
    "CLIENT_INPUT_INVALID",
  ]);
  expect(given.desk.calls()).toEqual([["a", "b", "bad"], ["c"]]);
});

test("what may still succeed is no outcome: many throw, and the next attempt doubles nothing", async () => {
  const fates: Fate[] = Array.from({ length: 20 }, () => "500");
  await using given = await start("lists", fates);
  const attempt = (suspect: boolean) =>
    runInOperation(contextOf("run", { suspect }), () => given.thing.createMany([{ name: "a" }, { name: "b" }]));
  await expect(attempt(false)).rejects.toMatchObject({ code: "HTTP_OUTCOME_UNKNOWN" });
  fates.length = 0;
  expect(await attempt(true)).toMatchObject([{ ok: true }, { ok: true }]);
  expect(given.desk.kept).toHaveLength(2);
});

test("records are changed by id, and made or changed by a field of theirs", async () => {
  await using given = await start("lists");
  await Promise.all([given.thing.upsert({ name: "a" }), given.thing.upsert({ name: "b" })]);
  await given.thing.upsertMany([{ name: "b" }, { name: "c" }]);
  await Promise.all([given.thing.update(1, { name: "A" }), given.thing.update(3, { name: "C" })]);
  expect(given.desk.kept.map(({ name }) => name)).toEqual(["A", "b", "C"]);
  const [sent] = given.desk.provider.received;
  expect(JSON.parse(sent?.body ?? "").inputs).toEqual([
    { idProperty: "name", id: "a", name: "a", ref: "0" },
    { idProperty: "name", id: "b", name: "b", ref: "1" },
  ]);
});

test("the same record twice goes in two calls, because no order holds within one", async () => {
  await using given = await start("lists");
  await given.thing.upsert({ name: "a" });
  await Promise.all([given.thing.update(1, { name: "b" }), given.thing.update(1, { name: "c" })]);
  expect(given.desk.calls().slice(1)).toEqual([["b"], ["c"]]);
});

test("every run sees the call with its own item only, and one of them counts it", async () => {
  await using given = await start("lists");
  const seen: Attempt[] = [];
  const watched = { onAttempt: (attempt: Attempt) => void seen.push(attempt) };
  await Promise.allSettled(["a", "bad"].map((name) => run(given.thing, name, watched)));
  expect(seen.map(({ shared }) => shared)).toEqual([
    { items: 2, first: true },
    { items: 2, first: false },
  ]);
  const bodies = seen.map((attempt) => attempt.toExchange()).map(({ request, response }) => [request.body, response?.body ?? ""]);
  expect(bodies.map(([request]) => JSON.parse(request ?? "").inputs)).toEqual([[{ name: "a", ref: "0" }], [{ name: "bad", ref: "1" }]]);
  expect(JSON.parse(bodies[1]?.[1] ?? "")).toMatchObject({ results: [], errors: [{ kind: "BAD" }] });
});
