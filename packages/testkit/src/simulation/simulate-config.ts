import { Secret } from "@belay/sdk";
import type { Config } from "@belay/sdk";
import { simulate } from "../simulator/index.ts";
import type { Simulator, SimulatorOptions } from "../simulator/index.ts";
import { overlaidConfigUrl, secretsOf } from "./overlay-connections.ts";
import type { ConnectionOverlay } from "./overlay-connections.ts";
import { drawConnections } from "./simulated-connections.ts";

export interface SimulationOptions {
  /** The configuration's module, as a URL. */
  readonly configUrl: string;
  /** Its default export. */
  readonly config: Config;
  /** Decides on credentials, events and faults. Default 1. */
  readonly seed?: number;
  /** What holds for the simulators of all connectors. */
  readonly all?: Omit<SimulatorOptions, "accounts" | "seed" | "port" | "resources">;
  /** What holds for the simulator of one connector, by its id; goes before `all`. */
  readonly only?: Readonly<Record<string, Omit<SimulatorOptions, "accounts" | "seed">>>;
}

/** All providers of a configuration, simulated: a simulator for each connector, and in it an account for each connection, of its id. */
export interface Simulation extends AsyncDisposable {
  /** For `startBelay({ config })`: the same configuration with every connection at its simulator. */
  readonly configUrl: string;
  /** The same for another state of the configuration, whose connections and connectors are those of before. */
  overlaid(configUrl: string): string;
  readonly connections: readonly ConnectionOverlay[];
  readonly simulators: readonly Simulator[];
  /** @throws TypeError when no connection uses this connector. */
  simulator(connector: string): Simulator;
  /** Sends the webhooks of all accounts to Belay's ingest at this base URL from now on. Call it once. */
  deliverTo(url: string): void;
  close(): Promise<void>;
}

/**
 * Simulates every provider that a configuration connects to, so that it runs without an account anywhere: base URLs, credentials,
 * endpoints and webhook secrets are those of the simulators. Secrets of the configuration go nowhere.
 *
 * @throws TypeError when an option does not fit a connector. Then nothing is left running.
 */
export async function simulateConfig({ configUrl, config, seed = 1, all: shared, only }: SimulationOptions): Promise<Simulation> {
  await using stack = new AsyncDisposableStack();
  const simulators = new Map<string, Simulator>();
  const all = drawConnections(config, seed);
  for (const [id, drawn] of Map.groupBy(all, ({ connector }) => connector)) {
    const connector = config.connectors.find((candidate) => candidate.id === id);
    if (connector === undefined) continue; // drawConnections makes none without
    const accounts: Record<string, Readonly<Record<string, Secret>>> = {};
    for (const { id: account, credential } of drawn) accounts[account] = secretsOf(credential);
    const simulator = stack.use(await simulate(connector, { ...shared, ...only?.[id], seed, accounts }));
    simulators.set(id, simulator);
  }
  const simulator = (id: string): Simulator => {
    const found = simulators.get(id);
    if (found === undefined)
      throw new TypeError(`No connection uses a connector "${id}"; simulated are ${[...simulators.keys()].join(", ")}.`);
    return found;
  };
  const connections = all.map((connection) => ({ ...connection, baseUrl: simulator(connection.connector).url(connection.id) }));
  const kept = stack.move();
  const close = async (): Promise<void> => kept.disposeAsync();
  return {
    configUrl: overlaidConfigUrl(configUrl, connections),
    overlaid: (url) => overlaidConfigUrl(url, connections),
    connections,
    simulators: [...simulators.values()],
    simulator,
    deliverTo(url) {
      for (const { id, connector, webhooks } of connections) {
        if (webhooks === undefined) continue;
        simulator(connector).webhooks.subscribe(id, { url: `${url}/in/${webhooks.endpoint}`, secret: new Secret(webhooks.secret) });
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
