import type { Catalog } from "../catalog/index.ts";
import { type Database, keepReading } from "../db/index.ts";
import { defaultWeights, type Pauses, type Resumed, resumePaused, type Weights } from "../mailbox/index.ts";
import { type Clock, type Logger, WakeUp } from "../telemetry/index.ts";
import { type Pause, type PauseKey, readPauses, readWeights, trafficChannel, type WeightRow } from "./store.ts";

export interface TrafficParts {
  readonly database: Pick<Database, "db" | "url">;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a change may stay unseen whose notice was lost. Default 1 s. */
  readonly pollMs?: number;
}

/** What is paused, and who has which weight, as this process knows it. */
export interface Traffic {
  readonly pauses: Pauses;
  weights(): Weights;
  /** Resolves when everything that was committed before the call is known here, and what was resumed is awake. */
  sync(): Promise<void>;
  /** Calls `tell` after each change, until the returned function is called. Must be quick. */
  watch(tell: () => void): () => void;
  close(): Promise<void>;
}

/**
 * Reads pauses and weights, and from then on follows them: at once what a process notifies, within `pollMs` what it notified in vain.
 *
 * @throws the database's error when it does not answer at the start; later it is logged, and tried again.
 */
export async function followTraffic(parts: TrafficParts): Promise<Traffic> {
  const { database, clock, logger, pollMs = 1_000 } = parts;
  const follower = new Follower(parts);
  await follower.read();
  const reading = keepReading({
    url: database.url,
    channel: trafficChannel,
    name: "belay traffic",
    noticed: new WakeUp(clock),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    pollMs,
    read: () => follower.read(),
    onListenTrouble: (error, failures) =>
      logger.warn({ error, failures }, "Cannot listen for what is paused or weighed elsewhere; the poll finds it meanwhile."),
    onReadTrouble: (error) => logger.warn({ error }, "What is paused could not be read; it is tried again."),
  });
  return {
    pauses: follower,
    weights: () => follower.weights,
    sync: () => follower.read(),
    watch: (tell) => follower.watch(tell),
    close: () => reading.close(),
  };
}

class Follower implements Pauses {
  weights: Weights = defaultWeights;
  readonly #parts: TrafficParts;
  readonly #watchers = new Set<() => void>();
  #pauses = new Map<string, Pause>();
  #flows = 0;
  #weighed = "[]";
  /** What went on since the last look, and what did before it: a worker may have been giving a mailbox back just then. */
  #resumed: readonly Pause[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(parts: TrafficParts) {
    this.#parts = parts;
  }

  ofMailbox({ tenant, connection }: { readonly tenant: string; readonly connection: string }): boolean {
    if (this.#pauses.size === 0) return false;
    if (this.#has("tenant", tenant, tenant) || this.#has("connection", tenant, connection)) return true;
    const connector = this.#parts.catalog.connections.get(connection)?.connector;
    return connector !== undefined && (this.#has("connector", tenant, connector) || this.#has("connector", "", connector));
  }

  ofFlow(tenant: string, flow: string): boolean {
    return this.#flows > 0 && (this.#has("flow", tenant, flow) || this.#has("flow", "", flow));
  }

  watch(tell: () => void): () => void {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  /** One after the other, so that an older look never overwrites a newer one. */
  read(): Promise<void> {
    const reading = this.#reading.catch(() => {}).then(() => this.#read()); // told to those who asked for that one
    this.#reading = reading;
    return reading;
  }

  async #read(): Promise<void> {
    const { db } = this.#parts.database;
    const pauses = new Map((await readPauses(db)).map((pause) => [toText(pause), pause]));
    const weights = await readWeights(db);
    const resumed = [...this.#pauses].flatMap(([text, pause]) => (pauses.has(text) ? [] : [pause]));
    const isNew = [...pauses.keys()].some((text) => !this.#pauses.has(text));
    const weighed = JSON.stringify(weights);
    const isWeighed = weighed !== this.#weighed;
    this.#pauses = pauses;
    this.#flows = [...pauses.values()].filter(({ scope }) => scope === "flow").length;
    this.#weighed = weighed;
    if (isWeighed) this.weights = toWeights(weights);
    if (resumed.length > 0 || isNew || isWeighed) for (const tell of this.#watchers) tell();
    const waking = [...this.#resumed, ...resumed];
    this.#resumed = waking;
    if (waking.length === 0) return;
    for (const pause of waking) await resumePaused(db, this.#toResumed(pause));
    this.#resumed = resumed;
    for (const tell of this.#watchers) tell();
  }

  #has(scope: Pause["scope"], tenant: string, id: string): boolean {
    return this.#pauses.has(toText({ scope, tenant, id }));
  }

  #toResumed({ scope, tenant, id }: PauseKey): Resumed {
    const narrowed = tenant === "" ? {} : { tenant };
    if (scope === "tenant") return { tenant };
    if (scope === "connection") return { ...narrowed, connections: [id] };
    if (scope === "flow") return { ...narrowed, flow: id };
    const ofConnector = [...this.#parts.catalog.connections.values()].filter(({ connector }) => connector === id);
    return { ...narrowed, connections: ofConnector.map((connection) => connection.id) };
  }
}

function toText({ scope, tenant, id }: PauseKey): string {
  return `${scope}\n${tenant}\n${id}`;
}

function toWeights(rows: readonly WeightRow[]): Weights {
  const lanes = { ...defaultWeights.lanes };
  const tenants = new Map<string, number>();
  for (const { tenant, lane, weight } of rows) {
    if (lane === "") tenants.set(tenant, weight);
    else lanes[lane] = weight;
  }
  return { lanes, tenants };
}
