import type { Config, ConnectorDefinition } from "@belay/sdk";
import type { ConnectionOverlay, HistoryEntry, Simulation, WebhookAttempt, WebhookDelivery } from "@belay/testkit";
import { describeAttempt, describeRequest } from "./describe-happening.ts";
import { timed } from "./timed.ts";

/** So many events happen at once, so that there is something to see. */
export const firstEvents = 4;

/** The simulated providers of a configuration, telling on standard output what happens to them. */
export interface OpenSimulation extends AsyncDisposable {
  /** The configuration with every connection at its simulator. */
  readonly configUrl: string;
  readonly connections: readonly ConnectionOverlay[];
  /** Sends webhooks to Belay at `url` until it is disposed of. */
  start(url: string, perMinute: number): Disposable;
  /** Where a simulator takes commands, by connector. */
  readonly controls: Readonly<Record<string, string>>;
}

/** Simulates all providers of the configuration. The testkit is loaded only here: `belay start` does without. */
export async function openSimulation(configUrl: string, config: Config, seed: number): Promise<OpenSimulation> {
  const { sendEventTraffic, simulateConfig } = await import("@belay/testkit");
  const tell = (line: string | undefined): void => {
    if (line !== undefined) process.stdout.write(timed(line));
  };
  const listenTo = (connector: ConnectorDefinition) => ({
    control: true,
    onRequest: (entry: HistoryEntry) => tell(describeRequest(connector, entry)),
    webhooks: {
      onAttempt: (delivery: WebhookDelivery, attempt: WebhookAttempt) => tell(describeAttempt(connector, delivery, attempt)),
    },
  });
  const simulation: Simulation = await simulateConfig({
    configUrl,
    config,
    seed,
    only: Object.fromEntries(config.connectors.map((connector) => [connector.id, listenTo(connector)])),
  });
  return {
    configUrl: simulation.configUrl,
    connections: simulation.connections,
    controls: Object.fromEntries(
      [...new Set(simulation.connections.map(({ connector }) => connector))].map((id) => [
        id,
        `${simulation.simulator(id).origin}/_simulator`,
      ]),
    ),
    start(url, perMinute) {
      const ending = new AbortController();
      simulation.deliverTo(url);
      sendEventTraffic({ config, simulation, first: perMinute === 0 ? 0 : firstEvents, perMinute, signal: ending.signal }).catch(
        (error: unknown) => tell(`No more events: ${error instanceof Error ? error.message : String(error)}`),
      );
      return { [Symbol.dispose]: () => ending.abort() };
    },
    [Symbol.asyncDispose]: () => simulation.close(),
  };
}
