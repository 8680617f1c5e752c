import type { Config } from "@belay/sdk";
import { systemClock } from "../simulator/index.ts";
import type { SimulatorClock } from "../simulator/index.ts";
import type { Simulation } from "./simulate-config.ts";

export interface TrafficOptions {
  readonly config: Config;
  readonly simulation: Simulation;
  /** How many events happen at once at the beginning. */
  readonly first: number;
  /** How many happen in every minute after that, evenly spread. */
  readonly perMinute: number;
  readonly clock?: SimulatorClock;
  /** Ends the traffic. */
  readonly signal: AbortSignal;
}

/** Of so many events of an account one is of a type that no flow listens to, as at real providers. */
const unheardEvery = 6;
const minuteMs = 60_000;

/**
 * Lets plausible things happen at the simulated providers, again and again, until `signal` ends it. The accounts take turns. Resolves at
 * once where no connection has webhooks.
 *
 * @throws TypeError when an event cannot be made up.
 */
export async function sendEventTraffic(options: TrafficOptions): Promise<void> {
  const { config, simulation, first, perMinute, clock = systemClock, signal } = options;
  const sources = simulation.connections.filter(({ webhooks }) => webhooks !== undefined);
  if (sources.length === 0) return;
  for (let count = 0; !signal.aborted; count += 1) {
    if (count >= first && perMinute === 0) return;
    if (count >= first) await clock.wait(minuteMs / perMinute, signal);
    if (signal.aborted) return;
    const source = sources[count % sources.length];
    if (source === undefined) return;
    const round = Math.floor(count / sources.length);
    const { heard, unheard } = typesOf(config, source);
    const types = heard.length === 0 || (unheard.length > 0 && round % unheardEvery === unheardEvery - 1) ? unheard : heard;
    await simulation.simulator(source.connector).webhooks.send(source.id, types);
  }
}

/** The event types of a connection's provider: those that one of its tenant's flows listens to, and the others. */
function typesOf(
  { connectors, connections, flows }: Config,
  source: { readonly connector: string; readonly tenant: string },
): { readonly heard: readonly string[]; readonly unheard: readonly string[] } {
  const types = Object.keys(connectors.find(({ id }) => id === source.connector)?.webhooks?.events ?? {});
  const targets = new Set(connections.filter(({ tenant }) => tenant === source.tenant).map(({ connector }) => connector));
  const listening = flows
    .filter((flow) => targets.has(flow.to.id))
    .flatMap(({ on }) => on)
    .filter(({ connector }) => connector === source.connector)
    .map(({ type }) => type);
  return { heard: types.filter((type) => listening.includes(type)), unheard: types.filter((type) => !listening.includes(type)) };
}
