import { type Database, listenOn } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { LimitBroker } from "./limit-broker.ts";
import { type BlockedBudget, limitsChannel, readBlocked, readNotice } from "./store.ts";
import type { Answer, Ask } from "./types.ts";

/** The budgets of a process. */
export interface SharedLimits {
  /** Leases permits. Budgets that have no answer are to be asked for again. Never rejects. */
  lease(asks: readonly Ask[]): Promise<readonly Answer[]>;
  /** Tells of budgets that a provider has closed to everybody, whichever process learned of it. @returns what ends it. */
  onBlocked(listener: (blocked: readonly BlockedBudget[]) => void): () => void;
  close(): Promise<void>;
}

/** Opens the budgets that all processes of the database share. */
export function openLimits(
  database: Database,
  { clock, random, logger }: { readonly clock: Clock; readonly random: () => number; readonly logger: Logger },
): SharedLimits {
  const listeners = new Set<(blocked: readonly BlockedBudget[]) => void>();
  const tell = (blocked: readonly BlockedBudget[]): void => {
    if (blocked.length > 0) for (const listener of listeners) listener(blocked);
  };
  const broker = new LimitBroker({ db: database.db, clock, random, logger, onBlocked: tell });
  const readAll = (): void => {
    readBlocked(database.db).then(tell, (error: unknown) =>
      logger.warn({ error }, "It could not be read which providers refuse now; workers learn of it with their next lease."),
    );
  };
  const listener =
    database.url === undefined
      ? undefined
      : listenOn(database.url, {
          channel: limitsChannel,
          name: "belay limits",
          sleep: (ms, signal) => clock.sleep(ms, signal),
          onNotice: (payload) => {
            const noted = payload === undefined ? undefined : readNotice(payload);
            if (noted === undefined) readAll();
            else tell(noted);
          },
          onTrouble: (error, failures) =>
            logger.warn({ error, failures }, "Cannot listen for providers that refuse; workers learn of it with their next lease."),
        });
  return {
    lease: (asks) => broker.lease(asks),
    onBlocked: (listening) => {
      listeners.add(listening);
      return () => listeners.delete(listening);
    },
    close: async () => {
      await Promise.all([broker.close(), listener?.close()]);
    },
  };
}
