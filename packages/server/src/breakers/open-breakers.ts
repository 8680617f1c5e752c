import { type Database, listenOn } from "../db/index.ts";
import { type Clock, type Logger, WakeUp } from "../telemetry/index.ts";
import { changeBreakers, type ChangeParts } from "./change-breakers.ts";
import { breakerChannel, claimProbe, readOpen } from "./store.ts";
import { breakerTiming } from "./timing.ts";
import type { BreakerDesk, OpenBreaker } from "./types.ts";

export interface BreakersParts extends Omit<ChangeParts, "db"> {
  readonly database: Pick<Database, "db" | "url">;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Listener = (open: readonly OpenBreaker[]) => void;

/** The breakers of a process, which are those of all processes. */
export interface SharedBreakers extends BreakerDesk {
  /** Calls the listener with what is open: now, and whenever it has changed anywhere. @returns what ends it. */
  subscribe(listener: Listener): () => void;
  /** Resolves when everything that was told before the call is written down and known here. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** An answer of the database that did not come: ask again then. */
const askAgainMs = 1_000;

/** Opens the breakers that all processes of the database share: told at once what another process notifies, within 2 s what it notified in vain. */
export function openBreakers(parts: BreakersParts): SharedBreakers {
  const { database, clock, logger } = parts;
  const { db } = database;
  const listeners = new Set<Listener>();
  const noticed = new WakeUp(clock);
  const stop = new AbortController();
  let open: readonly OpenBreaker[] = [];
  let changing: Promise<void> = Promise.resolve();
  const read = async (): Promise<void> => {
    const found = await readOpen(db);
    if (found.length === 0 && open.length === 0) return;
    open = found;
    for (const listener of listeners) listener(open);
  };
  const tryTo = async (what: string, act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      logger.warn({ error }, `${what}; it is tried again.`);
    }
  };
  // One at a time: each is a transaction, and a provider that dies brings many at once.
  const change = (act: () => Promise<boolean>): void => {
    changing = changing.then(async () => {
      await tryTo("That a provider fails, or is back, could not be told to other processes", async () => {
        if (await act()) await read();
      });
    });
  };
  const changes = changeBreakers({ ...parts, db });
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await tryTo("It could not be read which providers fail", read);
      await noticed.sleep(breakerTiming.pollMs);
    }
  };
  const running = loop();
  const listener =
    database.url === undefined
      ? undefined
      : listenOn(database.url, {
          channel: breakerChannel,
          name: "belay breakers",
          sleep: (ms, signal) => clock.sleep(ms, signal),
          onNotice: () => noticed.ring(),
          onTrouble: (error, failures) =>
            logger.warn({ error, failures }, "Cannot listen for providers that fail or are back; the poll finds them meanwhile."),
        });
  return {
    trip: (trip) => change(() => changes.trip(trip)),
    claim: async (key) => {
      try {
        return await claimProbe(db, key);
      } catch (error) {
        logger.warn({ error }, "A probe could not be asked for; calls go on waiting.");
        return { afterMs: askAgainMs };
      }
    },
    end: (end) => change(() => changes.end(end)),
    vouch: (vouch) => change(() => changes.vouch(vouch)),
    subscribe: (listening) => {
      listeners.add(listening);
      if (open.length > 0) listening(open);
      return () => void listeners.delete(listening);
    },
    settled: async () => {
      await changing;
    },
    close: async () => {
      await changing;
      stop.abort();
      noticed.ring();
      await Promise.all([running, listener?.close()]);
    },
  };
}
