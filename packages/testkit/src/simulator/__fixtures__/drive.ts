import { Secret } from "@belay/sdk";
import type { Client, ConnectorDefinition } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget } from "@belay/sdk/http";
import { inProcessNetwork } from "../in-process.ts";
import type { Simulator } from "../simulate.ts";
import type { SimulatorClock } from "../clock.ts";

/** Time that only waiting and `advance` move: whoever waits is woken at once. */
export interface SteppingClock extends SimulatorClock {
  advance(ms: number): void;
}

export function steppingClock(start = Date.UTC(2026, 2, 1)): SteppingClock {
  let now = start;
  return {
    now: () => now,
    wait: async (ms) => void (now += ms),
    advance: (ms) => void (now += ms),
  };
}

export const token = new Secret("t-1");

/** The client of the account "acme", in process; pauses take no time and attempts never time out. */
export function drive<D extends ConnectorDefinition>(
  connector: D,
  simulator: Simulator,
  clock = steppingClock(),
  credential: Readonly<Record<string, Secret>> = { token, accessToken: token },
): Client<D> {
  const connection = {
    id: "acme",
    tenant: "acme",
    connector: connector.id,
    baseUrl: simulator.url("acme"),
    credential,
  };
  return createClient(connector, connection, {
    network: inProcessNetwork([simulator]),
    clock: { now: () => clock.now(), sleep: (ms) => (ms >= 10_000 ? new Promise<void>(() => {}) : clock.wait(ms)) },
    random: () => 0.5,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
  });
}

export { collect } from "../collect.ts";
