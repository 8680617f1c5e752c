import { isBelayError, toMs } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { type BatchParts, startRun } from "./start-run.ts";
import { ensureDue, moveDue, takeDue } from "./store.ts";

export interface ScheduleParts extends Omit<BatchParts, "catalog"> {
  readonly catalog: Pick<Catalog, "batches" | "ofTenant" | "connections">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const lookEveryMs = 5_000;
const atOnce = 100;
/** What is made while Belay runs is found within so long. */
const ensureEveryMs = 60_000;

/** Starts runs of batches that have a schedule, each in one process. */
export function startBatchSchedule(parts: ScheduleParts): { close(): Promise<void> } {
  const { clock, logger } = parts;
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    let ensuredAt = -Infinity;
    while (!stop.signal.aborted) {
      try {
        if (clock.now() - ensuredAt >= ensureEveryMs) {
          await ensureSchedules(parts);
          ensuredAt = clock.now();
        }
        await beginDue(parts);
      } catch (error) {
        logger.warn({ error }, "Batches that are due could not be begun; they are looked for again.");
      }
      await clock.sleep(lookEveryMs, stop.signal);
    }
  };
  const running = run();
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

/** The first time lies anywhere in the first period, so that not all tenants begin together. */
async function ensureSchedules({ db, catalog, random }: ScheduleParts): Promise<void> {
  const scheduled = [...catalog.batches.values()].flatMap((batch) => (batch.every === undefined ? [] : [{ ...batch, every: batch.every }]));
  if (scheduled.length === 0) return;
  const rows = [...catalog.connections.values()].flatMap(({ tenant, connector }) =>
    scheduled.filter(({ to }) => to.id === connector).map(({ id, every }) => ({ tenant, batch: id, inMs: random() * toMs(every) })),
  );
  if (rows.length > 0) await ensureDue(db, rows);
}

/** A run that still reads, or whose target is not connected any more, is passed over until the next time. */
export async function beginDue(parts: Pick<ScheduleParts, "db" | "cipher" | "catalog" | "onCommitted" | "logger">): Promise<void> {
  const due = await parts.db.transaction().execute(async (tx) => {
    const keys = await takeDue(tx, atOnce);
    for (const key of keys) {
      const every = parts.catalog.batches.get(key.batch)?.every;
      await moveDue(tx, key, every === undefined ? null : toMs(every));
    }
    return keys;
  });
  for (const { tenant, batch } of due) {
    try {
      await startRun(parts, { tenant, batch, input: null, actor: "schedule" });
    } catch (error) {
      if (!isBelayError(error)) throw error;
      parts.logger.warn({ error, tenant, batch }, "A scheduled run of a batch was passed over.");
    }
  }
}
