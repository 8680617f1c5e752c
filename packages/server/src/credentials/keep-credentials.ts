import { randomUUID } from "node:crypto";
import type { Connection } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { type CredentialBook, CredentialKeeper } from "./credential-book.ts";
import { refreshDue } from "./refresh-due.ts";
import type { Renewer } from "./renewer.ts";
import { takeOverAll } from "./take-over.ts";

export interface KeepCredentialsParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly renewer: Renewer;
  /** Connections as they are now. */
  readonly connections: () => ReadonlyMap<string, Connection>;
  /** Called in the transaction that makes a connection of a tenant usable again. Default: nothing waits. */
  readonly onUsable?: (db: Db, tenant: string) => Promise<void>;
  /** How long the lease of a renewal holds without being extended, ms. Default 15,000. */
  readonly leaseMs?: number;
  /** Names this process among all. Default: a random one. */
  readonly owner?: string;
  /** How long somebody waits for a renewal before it is said that it waits, ms. Default 25,000: less than a call may take. */
  readonly waitMs?: number;
}

/** The credentials of a process. */
export interface KeptCredentials {
  readonly book: CredentialBook;
  /** From now on this process renews what is due; one that does not renews only what somebody waits for. */
  renewDue(): void;
  /** Ends; renewals that have begun may end within `graceMs`. Calling it twice is safe. */
  close(graceMs: number): Promise<void>;
}

const followEveryMs = 500;
/** A change is seen when its transaction commits, which may be later than the time that it bears. */
const followWithinMs = 15_000;

/** Opens the book of a process, which from then on follows what other processes change. */
export function keepCredentials(parts: KeepCredentialsParts): KeptCredentials {
  const { db, clock, logger, connections, onUsable = async () => {}, leaseMs = 15_000, waitMs = 25_000, owner = randomUUID() } = parts;
  const stop = new AbortController();
  const { signal } = stop;
  const keeper = new CredentialKeeper({ ...parts, onUsable, leaseMs, waitMs, owner, signal });
  const loops = [follow(keeper, { clock, logger, signal })];
  let renews = false;
  return {
    book: keeper,
    renewDue: () => {
      if (renews || signal.aborted) return;
      renews = true;
      const takingOver = takeOverAll(parts, connections().values()).catch((error: unknown) =>
        logger.warn(
          { error },
          "Credentials of the configuration are taken over when they are first used: it could not be done at the start.",
        ),
      );
      const due = refreshDue({ db, book: keeper, clock, logger, signal, connectionOf: (id) => connections().get(id) });
      loops.push(takingOver, due);
    },
    close: async (graceMs) => {
      stop.abort();
      const over = new AbortController();
      const all = Promise.all([...loops, ...keeper.renewing]).then(() => over.abort());
      await Promise.race([all, clock.sleep(graceMs, over.signal)]);
      over.abort();
    },
  };
}

async function follow(
  keeper: CredentialKeeper,
  { clock, logger, signal }: { clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(followEveryMs, signal);
    if (signal.aborted) return;
    await keeper
      .follow(followWithinMs)
      .catch((error: unknown) => logger.warn({ error }, "Changes of credentials could not be read; they are at the next look."));
  }
}
