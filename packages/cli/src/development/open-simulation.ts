import type { Config, ConnectorDefinition } from "@belay/sdk";
import type { ConnectionOverlay, HistoryEntry, Simulation, WebhookAttempt, WebhookDelivery } from "@belay/testkit";
import { describeAttempt, describeRequest } from "./describe-happening.ts";

/** So many events happen at once, so that there is something to see. */
export const firstEvents = 4;

/** The simulated providers of a configuration. */
export interface OpenSimulation extends AsyncDisposable {
  /** The configuration with every connection at its simulator. */
  readonly configUrl: string;
  /** The same for the configuration after a change that left connections and connectors as they were. */
  overlaid(configUrl: string): string;
  readonly connections: readonly ConnectionOverlay[];
  /** Sends webhooks to Belay from now on. Call it once. */
  deliverTo(url: string): void;
  /** Lets things happen until it is disposed of: `first` at once, then some each minute. */
  start(config: Config, first: number, perMinute: number): Disposable;
  /** Where a simulator takes commands, by connector. */
  readonly controls: Readonly<Record<string, string>>;
}

/** Simulates all providers of the configuration; `happened` hears of what happens to them. The testkit is loaded only here: `belay start` does without. */
export async function openSimulation(
  configUrl: string,
  config: Config,
  seed: number,
  happened: (line: string) => void,
): Promise<OpenSimulation> {
  const { sendEventTraffic, simulateConfig } = await import("@belay/testkit");
  const tell = (line: string | undefined): void => {
    if (line !== undefined) happened(line);
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
    overlaid: (url) => simulation.overlaid(url),
    deliverTo: (url) => simulation.deliverTo(url),
    start(current, first, perMinute) {
      const ending = new AbortController();
      sendEventTraffic({ config: current, simulation, first: perMinute === 0 ? 0 : first, perMinute, signal: ending.signal }).catch(
        (error: unknown) => tell(`No more events: ${error instanceof Error ? error.message : String(error)}`),
      );
      return { [Symbol.dispose]: () => ending.abort() };
    },
    [Symbol.asyncDispose]: () => simulation.close(),
  };
}
