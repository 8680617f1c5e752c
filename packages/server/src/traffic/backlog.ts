import type { Db } from "../db/index.ts";
import { type Lease, readOldestOf, readStoredBytes, type Result } from "../mailbox/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { addToBacklog, type BacklogChange, lookAtBacklog, readLargest } from "./backlog-store.ts";

/** What may wait before ingress refuses more. */
export interface BacklogBounds {
  /** Messages of one tenant. */
  readonly tenantMessages: number;
  /** Messages in all. */
  readonly totalMessages: number;
  /** How long the oldest message of a tenant may have waited, ms; of tenants with at least a thousand messages. */
  readonly tenantAgeMs: number;
  /** What the messages that wait may take of the disk, bytes. */
  readonly totalBytes: number;
}

const defaultBacklogBounds: BacklogBounds = {
  tenantMessages: 1_000_000,
  totalMessages: 20_000_000,
  tenantAgeMs: 72 * 3_600_000,
  totalBytes: 64 * 1024 ** 3,
};

export interface BacklogParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bounds?: Partial<BacklogBounds>;
  /** Whether this process takes work in, and so has to know when to refuse it. */
  readonly refuses: boolean;
}

const writeEveryMs = 1_000;
const lookDeepEveryMs = 10_000;
/** Below that nobody is asked how old the oldest is. */
const worthLooking = 1_000;

/**
 * What waits, by tenant. Counting rows for each request would cost more the more waits; so each process adds up in memory what it takes in and what it finishes, and writes
 * the sums down once a second. A process that is killed has not said everything: `backlog.count` counts now and then.
 */
export class Backlog {
  readonly #parts: BacklogParts;
  readonly #bounds: BacklogBounds;
  readonly #stop = new AbortController();
  #changes = new Map<string, { arrived: number; finished: number }>();
  #total = 0;
  #arrivedSince = 0;
  /** Of tenants that have half of what they may have, or more. */
  #large: ReadonlyMap<string, number> = new Map();
  /** Tenants whose oldest message has waited for too long. */
  #aged: ReadonlySet<string> = new Set();
  #isDiskFull = false;
  #lookDeepAt = 0;
  #running: Promise<void> | undefined;

  constructor(parts: BacklogParts) {
    this.#parts = parts;
    this.#bounds = { ...defaultBacklogBounds, ...parts.bounds };
  }

  start(): void {
    this.#running = this.#loop();
  }

  /** Messages of a tenant have been committed. */
  arrived(tenant: string, messages: number): void {
    this.#changeOf(tenant).arrived += messages;
    this.#arrivedSince += messages;
  }

  /** Messages have ended, for `onSettled` of the dispatcher. */
  settled({ tenant }: Lease, results: readonly Result[]): void {
    let ended = 0;
    for (const { kind } of results) if (kind === "delivered" || kind === "superseded" || kind === "dead") ended += 1;
    if (ended > 0) this.#changeOf(tenant).finished += ended;
  }

  /** Why nothing more may be taken in for a tenant now: it has too much itself, or all have together. Costs a look into memory. */
  refusal(tenant: string): "tenant" | "installation" | undefined {
    if (this.#isDiskFull || this.#total + this.#arrivedSince >= this.#bounds.totalMessages) return "installation";
    if (this.#aged.has(tenant)) return "tenant";
    const { arrived = 0, finished = 0 } = this.#changes.get(tenant) ?? {};
    return (this.#large.get(tenant) ?? 0) + arrived - finished >= this.#bounds.tenantMessages ? "tenant" : undefined;
  }

  /** Writes down what has changed, and looks what the others have written. */
  async sync(): Promise<void> {
    const { db, clock, refuses } = this.#parts;
    const changes = this.#changes;
    this.#changes = new Map();
    const rows = [...changes].map(([tenant, { arrived, finished }]): BacklogChange => ({ tenant, change: arrived - finished, finished }));
    try {
      if (rows.length > 0) await addToBacklog(db, rows);
    } catch (error) {
      for (const [tenant, { arrived, finished }] of changes) {
        const change = this.#changeOf(tenant);
        change.arrived += arrived;
        change.finished += finished;
      }
      throw error;
    }
    if (!refuses) return;
    this.#arrivedSince = 0;
    const { total, large } = await lookAtBacklog(db, Math.floor(this.#bounds.tenantMessages / 2));
    this.#total = total;
    this.#large = large;
    if (clock.now() < this.#lookDeepAt) return;
    this.#lookDeepAt = clock.now() + lookDeepEveryMs;
    const oldest = await readOldestOf(db, await readLargest(db, worthLooking));
    this.#aged = new Set([...oldest].flatMap(([tenant, ageMs]) => (ageMs >= this.#bounds.tenantAgeMs ? [tenant] : [])));
    this.#isDiskFull = (await readStoredBytes(db)) >= this.#bounds.totalBytes;
  }

  /** Writes what is left. Calling it twice is safe. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#syncOrSay();
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#parts.clock.sleep(writeEveryMs, this.#stop.signal);
      if (!this.#stop.signal.aborted) await this.#syncOrSay();
    }
  }

  async #syncOrSay(): Promise<void> {
    await this.sync().catch((error: unknown) =>
      this.#parts.logger.warn({ error }, "The backlog could not be written down; it is tried again."),
    );
  }

  #changeOf(tenant: string): { arrived: number; finished: number } {
    let change = this.#changes.get(tenant);
    if (change === undefined) this.#changes.set(tenant, (change = { arrived: 0, finished: 0 }));
    return change;
  }
}
