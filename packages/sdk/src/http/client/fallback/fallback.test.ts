import { expect, expectTypeOf, test } from "vitest";
import type { Known } from "../../../connector/fallback.ts";
import { connectionTo, desk, testPorts } from "../../__fixtures__/desk.ts";
import { json, startProvider } from "../../__fixtures__/local-provider.ts";
import type { LocalProvider } from "../../__fixtures__/local-provider.ts";
import type { ManualClock } from "../../__fixtures__/manual-clock.ts";
import { runInOperation } from "../../operation-context.ts";
import { createClient } from "../create-client.ts";
import { createMemoryLastKnown } from "./last-known.ts";

type Client = ReturnType<typeof createClient<typeof desk>>;

interface Setup extends AsyncDisposable {
  readonly provider: LocalProvider;
  readonly client: Client;
  readonly clock: ManualClock;
  /** What it answers from now on; 0 drops the connection. */
  status: number;
  /** What it holds. */
  record: Record<string, unknown> | undefined;
}

async function start(): Promise<Setup> {
  const ports = testPorts();
  const provider = await startProvider(({ url, method }, response, request) => {
    if (setup.status === 0) return void request.socket.destroy();
    if (setup.status !== 200) return json(response, setup.status, {});
    if (method !== "GET") return json(response, 201, { ticket: { id: 1, subject: "Broken" } });
    if (url.includes("tickets")) return json(response, 200, { tickets: setup.record ? [setup.record] : [] });
    return setup.record === undefined ? json(response, 404, {}) : json(response, 200, setup.record);
  });
  const client = createClient(desk, connectionTo(provider.url), { ...ports, lastKnown: createMemoryLastKnown(ports.clock) });
  const setup: Setup = {
    provider,
    client,
    clock: ports.clock,
    status: 200,
    record: { id: "7", properties: { email: "ada@example.com" } },
    async [Symbol.asyncDispose](): Promise<void> {
      await ports[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
  return setup;
}

const hour = { fallback: { lastKnown: { maxAge: "1h" } } } as const;

test("a read that may fall back says whether its value is the provider's or the last one known, and how old that is", async () => {
  await using given = await start();
  expect(await given.client.contact.get("7", hour)).toMatchObject({ value: { id: "7" }, stale: false });
  for (const status of [503, 500, 429, 0]) {
    given.status = status;
    given.clock.advance(60_000);
    expect(await given.client.contact.get("7", hour)).toMatchObject({
      value: { properties: { email: "ada@example.com" } },
      stale: true,
      ageMs: expect.any(Number),
    });
  }
  const known = await given.client.contact.get("7", hour);
  expect(known.stale && known.ageMs).toBeGreaterThanOrEqual(240_000);
});

test("nothing past its bound is given: what is too old is an error of its own", async () => {
  await using given = await start();
  const begunAt = given.clock.now();
  await given.client.contact.get("7", hour);
  given.status = 503;
  given.clock.advance(begunAt + 3_600_000 - given.clock.now() - 30_000);
  expect(await given.client.contact.get("7", hour)).toMatchObject({ stale: true });
  given.clock.advance(30_001);
  await expect(given.client.contact.get("7", hour)).rejects.toMatchObject({
    code: "FALLBACK_TOO_OLD",
    cause: { code: expect.stringMatching(/^HTTP_(UNAVAILABLE|CIRCUIT_OPEN)$/) },
  });
});

test("that there is no record is known as well, and what is known of one call says nothing of another", async () => {
  await using given = await start();
  given.record = undefined;
  expect(await given.client.contact.get("7", hour)).toEqual({ value: undefined, stale: false });
  given.status = 503;
  expect(await given.client.contact.get("7", hour)).toMatchObject({ value: undefined, stale: true });
  await expect(given.client.contact.get("8", hour)).rejects.toMatchObject({ code: "FALLBACK_NOTHING_KNOWN" });
});

test("a call that does not ask for it neither keeps nor falls back", async () => {
  await using given = await start();
  await given.client.contact.get("7");
  given.status = 503;
  await expect(given.client.contact.get("7")).rejects.toMatchObject({ code: "HTTP_UNAVAILABLE" });
  await expect(given.client.contact.get("7", hour)).rejects.toMatchObject({ code: "FALLBACK_NOTHING_KNOWN" });
});

test("a find in a list falls back, too", async () => {
  await using given = await start();
  given.record = { id: 1, subject: "Broken", externalId: "x-1" };
  await given.client.ticket.find({ externalId: "x-1" }, hour);
  given.status = 0;
  expect(await given.client.ticket.find({ externalId: "x-1" }, hour)).toMatchObject({ value: { id: 1 }, stale: true });
});

test("what the provider says about the call itself is no reason to fall back", async () => {
  await using given = await start();
  await given.client.contact.get("7", hour);
  given.status = 403;
  await expect(given.client.contact.get("7", hour)).rejects.toMatchObject({ code: "HTTP_FORBIDDEN" });
});

test("a call may ask for an error of its own instead", async () => {
  await using given = await start();
  given.status = 503;
  const refused = { code: "FALLBACK_UNAVAILABLE", cause: { code: expect.stringMatching(/^HTTP_(UNAVAILABLE|CIRCUIT_OPEN)$/) } };
  await expect(given.client.contact.get("7", { fallback: { error: true } })).rejects.toMatchObject(refused);
  await expect(given.client.ticket.update(1, { subject: "a" }, { fallback: { error: true } })).rejects.toMatchObject(refused);
});

/** How a run would end that makes this call in a step. */
async function inRun(work: () => Promise<unknown>): Promise<unknown> {
  const context = { key: "run", suspect: false, leaseCheck: () => undefined, signal: new AbortController().signal };
  return await runInOperation({ ...context, deadlineAt: Number.POSITIVE_INFINITY }, work).catch((error: unknown) => error);
}

test("a write that queues waits for free while nothing has left, and as a try once something has", async () => {
  await using given = await start();
  const create = (): Promise<unknown> =>
    inRun(() => given.client.ticket.create({ subject: "Broken", externalId: "x" }, { fallback: { queue: true } }));
  await given.provider[Symbol.asyncDispose]();
  expect(await create()).toMatchObject({ code: "HTTP_CONNECT_FAILED", retry: { afterMs: 30_000 }, details: { waits: true } });
  await using other = await start();
  other.status = 503;
  const sent = await inRun(() => other.client.ticket.update(1, { subject: "a" }, { fallback: { queue: true } }));
  expect(sent).toMatchObject({ code: "HTTP_UNAVAILABLE", retry: { afterMs: 30_000 }, details: { waits: false } });
});

test("an open breaker lets a write queue until the next probe, and a read fall back without asking", async () => {
  await using given = await start();
  await given.client.contact.get("7", hour);
  given.status = 503;
  for (let index = 0; index < 5; index += 1) await given.client.contact.get("7", hour);
  const before = given.provider.received.length;
  expect(await given.client.contact.get("7", hour)).toMatchObject({ stale: true });
  expect(given.provider.received).toHaveLength(before);
  const queued = await inRun(() => given.client.ticket.update(1, { subject: "a" }, { fallback: { queue: true } }));
  expect(queued).toMatchObject({ code: "HTTP_CIRCUIT_OPEN", details: { waits: true } });
});

test.each([
  [{ fallback: { lastKnown: { maxAge: "8d" } } }, "fallback: give { lastKnown"],
  [{ fallback: { lastKnown: true } }, "fallback: give { lastKnown"],
  [{ fallback: { queue: true } }, "or { error: true }"],
  [{}, "fallback: give"],
])("%j is refused before anything is sent", async (options, remedy) => {
  await using given = await start();
  await expect(given.client.contact.get("7", options as never)).rejects.toMatchObject({
    code: "CLIENT_INPUT_INVALID",
    message: expect.stringContaining(remedy),
  });
  expect(given.provider.received).toEqual([]);
});

test("a value that may be stale cannot be taken for one that is not", () => {
  const read = (client: Client) => client.contact.get("7", hour);
  expectTypeOf<Awaited<ReturnType<typeof read>>>().toEqualTypeOf<Known<Awaited<ReturnType<Client["contact"]["get"]>>>>();
  // Only checked by the compiler, never run.
  const misuse = async (client: Client): Promise<void> => {
    // @ts-expect-error the value has to be taken out, which shows that it may be stale
    void (await client.contact.get("7", hour)).properties;
    // @ts-expect-error a write has no last known value
    await client.ticket.create({ subject: "a" }, hour);
  };
  expectTypeOf(misuse).toBeFunction();
});
