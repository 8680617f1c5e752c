import { type FailureClass, failureClasses, type FailureOwner } from "@belay/sdk";
import type { Database } from "../db/index.ts";
import { findSilentConsumers } from "../feed/index.ts";
import { countMisplacedHistory, findOverdueMailboxes } from "../mailbox/index.ts";
import type { Tell } from "../stream/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { type HealthCode, healthErrors } from "./errors.ts";
import { findBloatedTables, findOldTransactions } from "./store.ts";

/** Something that will hurt if nobody acts. */
export interface Threat {
  readonly code: HealthCode;
  readonly class: FailureClass;
  /** Who has to act. */
  readonly owner: FailureOwner;
  /** What is wrong and where. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

export interface HealthLimits {
  /** A transaction open for longer, seconds. */
  readonly oldTransactionSeconds: number;
  /** Dead rows in a table. */
  readonly deadRows: number;
  /** A mailbox due for longer, seconds. */
  readonly overdueSeconds: number;
  /** A consumer of the change feed for which something waits, and that nobody has read for longer, days. */
  readonly silentConsumerDays: number;
}

const defaultLimits: HealthLimits = { oldTransactionSeconds: 30, deadRows: 100_000, overdueSeconds: 60, silentConsumerDays: 7 };

export interface HealthWatch {
  /** The threats seen at the last look; empty means well. */
  threats(): readonly Threat[];
  stop(): Promise<void>;
}

const lookEveryMs = 15_000;

/** Looks at the database again and again; a threat is logged when it appears and when it has gone. A database that does not answer is a threat itself. */
export function watchHealth(
  database: Database,
  parts: { readonly clock: Clock; readonly logger: Logger; readonly limits?: Partial<HealthLimits>; readonly tell?: Tell },
): HealthWatch {
  const stop = new AbortController();
  let known: readonly Threat[] = [];
  const watch = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const found = await findThreats(database, { ...defaultLimits, ...parts.limits });
      for (const { code, what, remedy } of found) {
        if (known.some((threat) => threat.code === code)) continue;
        parts.logger.error({ code, remedy }, what);
        parts.tell?.({ type: "threat.appeared", cause: code, data: { what, remedy } });
      }
      for (const { code } of known) {
        if (found.some((threat) => threat.code === code)) continue;
        parts.logger.info({ code }, "The threat has gone.");
        parts.tell?.({ type: "threat.gone", cause: code });
      }
      known = found;
      await parts.clock.sleep(lookEveryMs, stop.signal);
    }
  };
  const watching = watch();
  return {
    threats: () => known,
    stop: async () => {
      stop.abort();
      await watching;
    },
  };
}

async function findThreats(database: Database, limits: HealthLimits): Promise<Threat[]> {
  const threats: Threat[] = [];
  const add = (code: HealthCode, what: string, remedy: string): void => {
    const { class: name } = healthErrors[code];
    threats.push({ code, class: name, owner: failureClasses[name].owner, what, remedy });
  };
  try {
    const [oldest] = await findOldTransactions(database.db, limits.oldTransactionSeconds);
    if (oldest !== undefined) {
      add(
        "HEALTH_OLD_TRANSACTION",
        `A transaction of "${oldest.application}" (pid ${oldest.pid}, ${oldest.state}) has been open for ${Math.round(oldest.seconds)} s; nothing deleted since can be cleared away.`,
        `End it where it was begun, or: select pg_terminate_backend(${oldest.pid}).`,
      );
    }
    const [bloated] = await findBloatedTables(database.db, limits.deadRows);
    if (bloated !== undefined) {
      add(
        "HEALTH_BLOATED_TABLE",
        `Table belay.${bloated.table} has ${bloated.dead} dead rows for ${bloated.live} live ones; vacuum does not keep up.`,
        `See whether something holds vacuum back (old transactions, replication slots), then: vacuum belay.${bloated.table}.`,
      );
    }
    const [overdue] = await findOverdueMailboxes(database.db, limits.overdueSeconds);
    if (overdue !== undefined) {
      add(
        "HEALTH_OVERDUE_MAILBOX",
        `Mailbox ${overdue.mailbox} of tenant ${overdue.tenant} has been due for ${Math.round(overdue.seconds)} s and no worker has taken it.`,
        "See whether workers run and reach the database; if they do, add some.",
      );
    }
    if ((await countMisplacedHistory(database.db)) > 0) {
      add(
        "HEALTH_MISPLACED_HISTORY",
        "History is written to the default partition: the one of its day is missing.",
        "See why the job history.maintain does not run.",
      );
    }
    const [silent, ...others] = await findSilentConsumers(database.db, limits.silentConsumerDays);
    if (silent !== undefined) {
      const [of, option] = silent.owner === "" ? ["", ""] : [` of tenant ${silent.owner}`, ` --tenant ${silent.owner}`];
      const more = others.length === 0 ? "" : `, nor ${others.length} more`;
      add(
        "HEALTH_FEED_CONSUMER_SILENT",
        `Nobody has read consumer ${silent.name}${of} of the change feed for ${Math.floor(silent.days)} days${more}, although changes wait.`,
        `See why its reader stands still; if nobody is to read it any more: belay changes remove ${silent.name}${option}.`,
      );
    }
  } catch (error) {
    add(
      "HEALTH_DATABASE_SILENT",
      `The database does not answer: ${error instanceof Error ? error.message : String(error)}`,
      "See whether it runs and can be reached.",
    );
  }
  return threats;
}
