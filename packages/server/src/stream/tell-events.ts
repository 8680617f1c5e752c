import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { insertEvents, type NewEvent } from "./store.ts";

/** Tells of a change of state that happened outside the database. Returns at once. */
export type Tell = (event: NewEvent) => void;

export interface EventWriter {
  readonly tell: Tell;
  /** Writes what is left. Calling it twice is safe. */
  close(): Promise<void>;
}

const writeEveryMs = 500;
const mostWaiting = 1_000;

/**
 * Writes events down that no transaction of their own carries, a few times a second. While the database is away they wait, up to a thousand of them; of more the oldest
 * are given up, and the log says so. What changes in the database is told of in the transaction that changes it, see `insertEventsOf`.
 */
export function writeEvents(db: Db, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }): EventWriter {
  const stop = new AbortController();
  let waiting: NewEvent[] = [];
  const write = async (): Promise<void> => {
    const events = waiting;
    if (events.length === 0) return;
    waiting = [];
    try {
      await insertEvents(db, events);
    } catch (error) {
      waiting = [...events, ...waiting];
      const lost = waiting.length - mostWaiting;
      if (lost > 0) {
        waiting = waiting.slice(lost);
        logger.warn({ error, lost }, "Events of the stream could not be written; the oldest were given up.");
      }
    }
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await clock.sleep(writeEveryMs, stop.signal);
      await write();
    }
  };
  const running = loop();
  return {
    tell: (event) => void waiting.push(event),
    close: async () => {
      stop.abort();
      await running;
      await write();
    },
  };
}
