import type { Client, ConnectorDefinition, Secret } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget, systemClock } from "@belay/sdk/http";
import { inProcessNetwork } from "../simulator/index.ts";
import type { Simulator } from "../simulator/index.ts";

/**
 * The typed client of an account at a simulator, to test a connector with: `clientOf(parcelo, simulator, { apiKey })`. Its calls go through
 * the whole pipeline, but over no socket. Budget and breaker are its own and begin anew with each client.
 *
 * `credential`: the one that the account was opened with. `account`: default `acme`.
 */
export function clientOf<D extends ConnectorDefinition>(
  connector: D,
  simulator: Simulator,
  credential: Readonly<Record<string, Secret>>,
  account = "acme",
): Client<D> {
  const connection = { id: account, tenant: account, connector: connector.id, baseUrl: simulator.url(account), credential };
  return createClient(connector, connection, {
    network: inProcessNetwork([simulator]),
    clock: systemClock,
    random: Math.random,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
  });
}
