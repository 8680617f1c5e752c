import type { Connection } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import type { CredentialKeeper } from "./credential-book.ts";
import { findDue, postpone } from "./store.ts";

export interface RefreshDueParts {
  readonly db: Db;
  readonly book: CredentialKeeper;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly connectionOf: (id: string) => Connection | undefined;
  readonly signal: AbortSignal;
  /** Renewals at once in this process. Default 20: a slow provider keeps one of them busy, not all the others waiting. */
  readonly atOnce?: number;
}

const lookEveryMs = 1_000;
/** Another process may know a connection that this one does not, while a configuration is being rolled out. */
const strangerWaitMs = 10 * 60_000;

/** Renews what is due, before anybody needs it, until the signal is given. Several processes do this side by side; the lease lets one through. */
export async function refreshDue(parts: RefreshDueParts): Promise<void> {
  const { clock, logger, signal } = parts;
  const running = new Set<Promise<void>>();
  while (!signal.aborted) {
    try {
      await look(parts, running);
    } catch (error) {
      logger.warn({ error }, "Credentials that are due could not be looked for; they are at the next look.");
    }
    await clock.sleep(lookEveryMs, signal);
  }
  await Promise.all(running);
}

async function look({ db, book, logger, connectionOf, atOnce = 20 }: RefreshDueParts, running: Set<Promise<void>>): Promise<void> {
  if (running.size >= atOnce) return;
  for (const key of await findDue(db, atOnce - running.size)) {
    const connection = connectionOf(key.connection);
    if (connection === undefined || connection.tenant !== key.tenant) {
      await postpone(db, key, strangerWaitMs);
      continue;
    }
    const renewed = book
      .renewDue(connection)
      .then(async (known) => {
        // Its connector says no longer that it is renewed.
        if (!known) await postpone(db, key, strangerWaitMs);
      })
      .catch((error: unknown) =>
        logger.warn({ error, tenant: key.tenant, connection: key.connection }, "A credential could not be looked at."),
      )
      .finally(() => running.delete(renewed));
    running.add(renewed);
  }
}
