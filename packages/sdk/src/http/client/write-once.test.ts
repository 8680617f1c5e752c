import { expect, test } from "vitest";
import { connectionTo, desk, testPorts } from "../__fixtures__/desk.ts";
import { json, startProvider } from "../__fixtures__/local-provider.ts";
import type { LocalProvider, Received } from "../__fixtures__/local-provider.ts";
import type { ManualClock } from "../__fixtures__/manual-clock.ts";
import { BelayError } from "../../errors/belay-error.ts";
import { runInOperation } from "../operation-context.ts";
import type { OperationContext } from "../operation-context.ts";
import { createClient } from "./create-client.ts";

type Fate = "answer" | "commit, then hang" | "commit, then reset" | "reset" | "500" | "500 after 9.5 s" | "503, retry after 1 s";

interface Setup extends AsyncDisposable {
  readonly provider: LocalProvider;
  readonly clock: ManualClock;
  readonly client: ReturnType<typeof createClient<typeof desk>>;
  /** What the provider holds in the end. */
  readonly kept: Record<string, unknown>[];
  readonly calls: () => string[];
}

/** A provider that keeps what it is sent, and whose writes end as told, one after another. */
async function start(...fates: Fate[]): Promise<Setup> {
  const kept: Record<string, unknown>[] = [];
  const byKey = new Map<string, Record<string, unknown>>();
  const ports = testPorts();
  const commit = (received: Received): Record<string, unknown> => {
    const key = received.headers["idempotency-key"]?.toString();
    const known = key === undefined ? undefined : byKey.get(key);
    if (known !== undefined) return known;
    const sent = JSON.parse(received.body) as Record<string, Record<string, unknown>>;
    const record = received.url.includes("tickets") ? { id: kept.length + 1, ...sent["ticket"] } : { id: `ch_${kept.length + 1}`, ...sent };
    kept.push(record);
    if (key !== undefined) byKey.set(key, record);
    return record;
  };
  const provider = await startProvider((received, response, request) => {
    const isTicket = received.url.includes("tickets");
    if (received.method === "GET") {
      json(response, 200, isTicket ? { tickets: kept } : { data: kept });
      return;
    }
    const fate = fates.shift() ?? "answer";
    if (fate === "500") json(response, 500, {});
    else if (fate === "500 after 9.5 s") {
      ports.clock.advance(9_500);
      json(response, 500, {});
    } else if (fate === "503, retry after 1 s") json(response, 503, {}, { "retry-after": "1" });
    else if (fate === "reset") request.socket.destroy();
    else {
      const record = commit(received);
      if (fate === "commit, then hang") ports.clock.advance(10_000);
      else if (fate === "commit, then reset") request.socket.destroy();
      else json(response, 201, isTicket ? { ticket: record } : record);
    }
  });
  return {
    provider,
    clock: ports.clock,
    client: createClient(desk, connectionTo(provider.url), ports),
    kept,
    calls: () => provider.received.map(({ method }) => method),
    async [Symbol.asyncDispose](): Promise<void> {
      await ports[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

function contextOf(changes: Partial<OperationContext> = {}): OperationContext {
  return {
    key: "run:1",
    suspect: false,
    leaseCheck: () => undefined,
    signal: new AbortController().signal,
    deadlineAt: Number.POSITIVE_INFINITY,
    ...changes,
  };
}

const ticket = { subject: "Broken", externalId: "e1" };
const charge = { reference: "order-1", amount: 5 };

test.each<Fate>(["commit, then hang", "commit, then reset"])(
  "a write without key that the provider did (%s) is found, not repeated",
  async (fate) => {
    await using setup = await start(fate);
    expect(await setup.client.ticket.create(ticket)).toMatchObject({ id: 1, externalId: "e1" });
    expect(setup.calls()).toEqual(["POST", "GET"]);
    expect(setup.clock.slept, "the declared lag").toEqual([3_000]);
    expect(setup.kept).toHaveLength(1);
  },
);

test.each<Fate>(["reset", "500", "503, retry after 1 s"])(
  "a write without key that the provider did not do (%s) is repeated only after looking",
  async (fate) => {
    await using setup = await start(fate);
    expect(await setup.client.ticket.create(ticket)).toMatchObject({ id: 1 });
    expect(setup.calls()).toEqual(["POST", "GET", "POST"]);
  },
);

test("a write whose outcome stays unknown is sent three times at most, each time after looking", async () => {
  await using setup = await start("500", "500", "500", "500");
  await expect(setup.client.ticket.create(ticket)).rejects.toMatchObject({ code: "HTTP_OUTCOME_UNKNOWN", retry: "backoff" });
  expect(setup.calls()).toEqual(["POST", "GET", "POST", "GET", "POST", "GET"]);
});

test("a lag longer than the time left is waited for by the mailbox", async () => {
  await using setup = await start("500 after 9.5 s");
  const context = contextOf({ deadlineAt: setup.clock.now() + 12_000 });
  const failing = runInOperation(context, () => setup.client.ticket.create(ticket));
  await expect(failing).rejects.toMatchObject({ code: "HTTP_OUTCOME_UNKNOWN", retry: { afterMs: 3_000 } });
  expect(setup.calls()).toEqual(["POST"]);
});

test.each<Fate>(["commit, then hang", "commit, then reset", "500"])(
  "a write with key is sent again with the same key after %s",
  async (fate) => {
    await using setup = await start(fate);
    await runInOperation(contextOf(), () => setup.client.charge.create(charge));
    expect(setup.provider.received.map(({ headers }) => headers["idempotency-key"])).toEqual(["run:1:0", "run:1:0"]);
    expect(setup.kept).toHaveLength(1);
  },
);

test("each write of a step has its own key, the same in the next attempt, in the order of the calls", async () => {
  await using setup = await start();
  for (const suspect of [false, true]) {
    await runInOperation(contextOf({ suspect }), () =>
      Promise.all([setup.client.charge.create(charge), setup.client.charge.create({ ...charge, reference: "order-2" })]),
    );
  }
  const keys = setup.provider.received.map(({ headers, body }) => `${String(headers["idempotency-key"])} ${body.slice(14, 21)}`);
  expect(keys.slice(0, 2).toSorted()).toEqual(["run:1:0 order-1", "run:1:1 order-2"]);
  expect(keys.slice(2).toSorted()).toEqual(keys.slice(0, 2).toSorted());
  expect(setup.kept).toHaveLength(2);
});

test("a suspect write without key looks first, and what it finds is the answer", async () => {
  await using setup = await start();
  setup.kept.push({ id: 41, ...ticket });
  expect(await runInOperation(contextOf({ suspect: true }), () => setup.client.ticket.create(ticket))).toMatchObject({ id: 41 });
  expect(setup.calls()).toEqual(["GET"]);
});

test("a suspect write that finds nothing looks again after the lag, unless that has passed since the last attempt", async () => {
  await using setup = await start();
  await runInOperation(contextOf({ suspect: true }), () => setup.client.ticket.create(ticket));
  expect(setup.calls()).toEqual(["GET", "GET", "POST"]);
  const long = contextOf({ suspect: true, lastAttemptEndedAt: setup.clock.now() - 3_000 });
  await runInOperation(long, () => setup.client.ticket.create({ subject: "Other", externalId: "e2" }));
  expect(setup.calls().slice(3)).toEqual(["GET", "POST"]);
});

test("a suspect write with key relies on the key, until the provider may have forgotten it", async () => {
  await using setup = await start();
  setup.kept.push({ id: "ch_0", ...charge });
  const day = 86_400_000;
  const young = contextOf({ suspect: true, firstAttemptAt: setup.clock.now() - day + 1 });
  await runInOperation(young, () => setup.client.charge.create({ ...charge, reference: "order-9" }));
  expect(setup.calls()).toEqual(["POST"]);
  const old = contextOf({ suspect: true, firstAttemptAt: setup.clock.now() - day });
  expect(await runInOperation(old, () => setup.client.charge.create(charge))).toMatchObject({ id: "ch_0" });
  expect(setup.calls()).toEqual(["POST", "GET"]);
});

test("a lost lease sends nothing, is not retried and comes out as it is", async () => {
  await using setup = await start();
  const lost = new BelayError("LEASE_LOST", "The lease is another worker's.", { retry: "never" });
  const context = contextOf({
    leaseCheck: () => {
      throw lost;
    },
  });
  await expect(runInOperation(context, () => setup.client.ticket.create(ticket))).rejects.toBe(lost);
  await expect(runInOperation(context, () => setup.client.charge.create(charge))).rejects.toBe(lost);
  expect(setup.provider.received).toHaveLength(0);
});

test("the lease is checked before each attempt", async () => {
  await using setup = await start("500");
  let checks = 0;
  const context = contextOf({ leaseCheck: () => void checks++ });
  await runInOperation(context, () => setup.client.charge.create(charge));
  expect(checks).toBe(2);
});

test("an update found with its new values has happened; found with the old ones it is sent again", async () => {
  let name = "Old";
  let answers = 0;
  await using provider = await startProvider((received, response, request) => {
    const contact = () => ({ id: "1", properties: { email: "a@b.c", name } });
    if (received.method === "GET") json(response, 200, contact());
    else if (answers++ === 0) request.socket.destroy();
    else {
      name = "New";
      if (answers === 2) request.socket.destroy();
      else json(response, 200, contact());
    }
  });
  await using ports = testPorts();
  const client = createClient(desk, connectionTo(provider.url), ports);
  expect(await client.contact.update("1", { name: "New" })).toMatchObject({ properties: { name: "New" } });
  expect(provider.received.map(({ method }) => method)).toEqual(["PATCH", "GET", "PATCH", "GET"]);
});
