import { isBelayError, toMs } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { type BatchParts, prepareRun } from "./start-run.ts";
import { type DueKey, ensureDue, readDue, takeDue } from "./store.ts";

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

/**
 * A run that still reads, or whose target is not connected any more, is passed over until the next time. A run and its next time are written together: whoever is killed in between
 * leaves it due. What fails otherwise stays due as well, and holds up no other.
 *
 * @throws the last of those failures.
 */
export async function beginDue(parts: Pick<ScheduleParts, "db" | "cipher" | "catalog" | "onCommitted" | "logger">): Promise<void> {
  // What this configuration does not schedule a newer one may: it is left to those who do.
  const periods = new Map(
    [...parts.catalog.batches.values()].flatMap(({ id, every }) => (every === undefined ? [] : [[id, toMs(every)] as const])),
  );
  if (periods.size === 0) return;
  let failure: { readonly error: unknown } | undefined;
  for (const key of await readDue(parts.db, [...periods.keys()], atOnce)) {
    const everyMs = periods.get(key.batch);
    try {
      if (everyMs !== undefined) await beginOne(parts, key, everyMs);
    } catch (error) {
      failure = { error };
    }
  }
  if (failure !== undefined) throw failure.error;
}

async function beginOne(
  parts: Pick<ScheduleParts, "db" | "cipher" | "catalog" | "onCommitted" | "logger">,
  key: DueKey,
  everyMs: number,
): Promise<void> {
  const { db, logger, onCommitted } = parts;
  try {
    const run = await prepareRun(parts, { ...key, input: null, actor: "schedule" });
    const isOurs = await db.transaction().execute(async (tx) => {
      if (!(await takeDue(tx, key, everyMs))) return false;
      await run.begin(tx);
      return true;
    });
    if (isOurs) onCommitted([run.mailbox]);
  } catch (error) {
    if (!isBelayError(error)) throw error;
    logger.warn({ error, ...key }, "A scheduled run of a batch was passed over.");
    await takeDue(db, key, everyMs);
  }
}
