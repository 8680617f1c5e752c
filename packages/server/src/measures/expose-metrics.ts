import { collectDefaultMetrics, Registry } from "prom-client";
import type { QueueFigures } from "../mailbox/index.ts";
import type { Clock, Counters } from "../telemetry/index.ts";
import { type Family, writeFamilies } from "./exposition.ts";
import { toFamilies } from "./series-families.ts";
import type { SeriesTable } from "./series-table.ts";

export interface ExposureParts {
  readonly table: SeriesTable;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly tenantLabel: boolean;
  readonly lookAtQueues: () => Promise<readonly QueueFigures[]>;
  /** What the dispatcher of this process holds now; absent where none runs. */
  readonly load?: () => { readonly mailboxes: number; readonly messages: number };
}

/** Several scrapers, or an impatient one, must not make the database count again each time. */
const queuesFreshMs = 15_000;

/** This process's metrics in the text format of Prometheus. */
export class Exposure {
  readonly #parts: ExposureParts;
  /** Made when first asked for: what nobody scrapes is not measured. */
  #process: Registry | undefined;
  #queues: Promise<readonly QueueFigures[]> | undefined;
  #lookedAt = 0;

  constructor(parts: ExposureParts) {
    this.#parts = parts;
  }

  /** Calling it twice is safe; what waits is counted at most every 15 s. */
  async write(): Promise<string> {
    const { table, tenantLabel } = this.#parts;
    const families = [
      ...toFamilies(table.all, tenantLabel),
      ...this.#ownFamilies(table),
      ...toQueueFamilies(await this.#freshQueues(), tenantLabel),
    ];
    return `${writeFamilies(families)}\n${await this.#processMetrics()}`;
  }

  async #processMetrics(): Promise<string> {
    if (this.#process === undefined) {
      this.#process = new Registry();
      collectDefaultMetrics({ register: this.#process });
    }
    return await this.#process.metrics();
  }

  #freshQueues(): Promise<readonly QueueFigures[]> {
    const now = this.#parts.clock.now();
    if (this.#queues === undefined || now - this.#lookedAt >= queuesFreshMs) {
      this.#lookedAt = now;
      this.#queues = this.#parts.lookAtQueues();
    }
    return this.#queues;
  }

  #ownFamilies(table: SeriesTable): Family[] {
    const { counters, load } = this.#parts;
    const one = (name: string, help: string, type: Family["type"], value: number): Family => ({
      name,
      help,
      type,
      samples: [{ labels: {}, value }],
    });
    const held = load?.();
    const kinds = ["ingest", "run", "call", "lookup"] as const;
    return [
      one(
        "belay_mailboxes_taken_over_total",
        "Mailboxes whose worker did not hand them back.",
        "counter",
        counters.get("mailbox.taken-over"),
      ),
      one("belay_leases_lost_total", "Leases that another worker had taken meanwhile.", "counter", counters.get("mailbox.lease-lost")),
      one(
        "belay_threads_ended_total",
        "Worker threads that ended because of what ran in them.",
        "counter",
        counters.get("flow.thread-ended"),
      ),
      ...(held === undefined
        ? []
        : [
            one("belay_held_mailboxes", "Mailboxes under lease in this process.", "gauge", held.mailboxes),
            one("belay_held_messages", "Messages in this process that have begun or are about to.", "gauge", held.messages),
          ]),
      {
        name: "belay_measure_series",
        help: "Series that this process keeps apart.",
        type: "gauge",
        samples: kinds.map((kind) => ({ labels: { kind }, value: table.size(kind) })),
      },
    ];
  }
}

function toQueueFamilies(queues: readonly QueueFigures[], tenantLabel: boolean): Family[] {
  const labels = ({ tenant, connection }: QueueFigures): Record<string, string> => ({ ...(tenantLabel && { tenant }), connection });
  return [
    {
      name: "belay_queue_depth",
      help: "Messages that wait or run, of all processes.",
      type: "gauge",
      samples: queues.map((queue) => ({ labels: labels(queue), value: queue.depth })),
    },
    {
      name: "belay_queue_oldest_seconds",
      help: "How long ago the first of them came in.",
      type: "gauge",
      samples: queues.map((queue) => ({ labels: labels(queue), value: queue.oldestMs / 1_000 })),
    },
  ];
}
