import { Secret, defineConnector } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget } from "@belay/sdk/http";
import { expect, test } from "vitest";
import { z } from "zod";
import { inProcessNetwork, simulate } from "./index.ts";
import type { Simulator, SimulatorOptions } from "./index.ts";

const desk = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://desk.example",
  auth: { kind: "bearer" },
  resources: {
    ticket: {
      path: "/tickets",
      id: "id",
      schema: z.object({ id: z.number(), subject: z.string() }),
      create: { input: z.object({ subject: z.string() }), safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } },
      get: {},
    },
  },
});

const token = new Secret("t");

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return simulate(desk, { accounts: { acme: { token } }, listen: false, clock: frozen(), ...options });
}

/** Time that only waiting moves: whoever waits is woken at once. */
function frozen(): { now(): number; wait(ms: number): Promise<void> } {
  let now = 1_000_000;
  return { now: () => now, wait: async (ms) => void (now += ms) };
}

function clientOf(simulator: Simulator, reachable: Simulator = simulator) {
  const clock = {
    now: () => 1_000_000,
    // Attempts never time out here; pauses between them are over at once.
    sleep: (ms: number) => (ms >= 10_000 ? new Promise<void>(() => {}) : Promise.resolve()),
  };
  const connection = { id: "acme-desk", tenant: "acme", connector: "desk", baseUrl: simulator.url("acme"), credential: { token } };
  const network = inProcessNetwork([reachable]);
  return createClient(desk, connection, {
    network,
    clock,
    random: () => 0.5,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
  });
}

test("the whole pipeline reaches a simulator without a socket", async () => {
  const simulator = await start();
  expect(simulator.origin).toBe("http://desk.simulated");
  const client = clientOf(simulator);
  const { id } = await client.ticket.create({ subject: "Hello" });
  expect(await client.ticket.get(id)).toEqual({ id, subject: "Hello" });
  expect(await client.ticket.get(9)).toBeUndefined();
});

test("dropped connections and missing answers reach the client as they do over a socket", async () => {
  const simulator = await start({ faults: [{ method: "POST", times: 1, fault: { kind: "timeout-after-commit", hangMs: 50 } }] });
  const client = clientOf(simulator);
  expect(await client.ticket.create({ subject: "Hello" })).toMatchObject({ subject: "Hello" });
  expect(simulator.records("ticket")).toHaveLength(1);
  expect(simulator.history().map(({ fault, answer }) => [fault, answer === "dropped" ? answer : answer?.status])).toEqual([
    ["timeout-after-commit", "dropped"],
    ["none", 201],
  ]);
});

test("another host is as unknown as on the real network", async () => {
  const simulator = await start();
  const client = clientOf(simulator, { ...simulator, origin: "http://other.simulated" });
  await expect(client.ticket.get(1)).rejects.toMatchObject({ code: "HTTP_HOST_UNKNOWN" });
});

test("a run with the same seed and the same requests is the same to the last byte", async () => {
  const run = async (seed: number) => {
    const simulator = await start({ seed, faults: { serverError: 0.3, slow: 0.3, timeoutAfterCommit: 0.2 } });
    for (let n = 0; n < 30; n += 1) {
      await simulator
        .fetch(`${simulator.url("acme")}/tickets`, {
          method: "POST",
          headers: { authorization: "Bearer t" },
          body: JSON.stringify({ subject: `Ticket ${n}` }),
        })
        .catch(() => undefined); // dropped, as the seed has it
    }
    return JSON.stringify(simulator.history());
  };
  const [once, again, other] = [await run(3), await run(3), await run(4)];
  expect(again).toBe(once);
  expect(other).not.toBe(once);
});

test("a rule hits the requests it names, after those it lets pass, as often as it says", async () => {
  const simulator = await start({
    faults: [
      { method: "POST", path: "/tickets", after: 1, times: 2, fault: { kind: "answer", failure: "unavailable" } },
      { method: "GET", path: "/tickets/*", account: "acme", fault: { kind: "reply", status: 502, text: "<html>Bad gateway</html>" } },
    ],
  });
  const headers = { authorization: "Bearer t" };
  const post = async (): Promise<number> => {
    const response = await simulator.fetch(`${simulator.url("acme")}/tickets`, { method: "POST", headers, body: '{"subject":"s"}' });
    return response.status;
  };
  expect([await post(), await post(), await post(), await post()]).toEqual([201, 503, 503, 201]);
  const page = await simulator.fetch(`${simulator.url("acme")}/tickets/1001`, { headers });
  expect([page.status, await page.text()]).toEqual([502, "<html>Bad gateway</html>"]);
  simulator.addFault({ path: "/tickets", fault: { kind: "reset-after-commit" } });
  await expect(post()).rejects.toThrow("dropped");
  expect(simulator.records("ticket")).toHaveLength(3);
});

test("the history tells of every request what befell it, what it did and what was answered, and no credential", async () => {
  const simulator = await start();
  const headers = { authorization: "Bearer t", "idempotency-key": "k-1" };
  for (let n = 0; n < 2; n += 1)
    await simulator.fetch(`${simulator.url("acme")}/tickets?dry=1`, { method: "POST", headers, body: '{"subject":"s"}' });
  await simulator.fetch(`${simulator.url("acme")}/tickets`, { method: "POST", headers, body: "{" });
  const history = simulator.history("acme");
  expect(history).toMatchObject([
    { sequence: 1, method: "POST", path: "/tickets?dry=1", fault: "none", effect: { recordId: "1001", idempotencyKey: "k-1" } },
    { sequence: 2, effect: undefined, answer: { status: 201 } },
    { sequence: 3, effect: undefined, body: "{", answer: { status: 400 } },
  ]);
  expect(JSON.stringify(history)).not.toContain("Bearer");
});
