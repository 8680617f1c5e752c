import { fromPglite, PgBoss } from "pg-boss";
import type { Database } from "../db/index.ts";
import type { Logger } from "../telemetry/index.ts";
import { type Period, spreadSchedule } from "./spread-schedule.ts";

/** Background work that runs again and again, once for all processes. */
export type ScheduledJob = Job & When;

/** Spread by its name, see `spreadSchedule`; or minute, hour, day of month, month, day of week, in UTC, and not at the top of the hour. */
type When = { readonly every: Period } | { readonly cron: string };

interface Job {
  /** Lower case with dots, such as `history.maintain`. */
  readonly name: string;
  /** A run that takes longer is taken for dead and tried again. Whole seconds. */
  readonly longestSeconds: number;
  /** Does the work; doing it twice must do no harm. Its error is logged and the job tried again, three times with growing pauses. */
  readonly run: () => Promise<void>;
}

export interface Jobs {
  /** Stops: a job that runs may end within `graceMs`. Calling it twice is safe. */
  stop(graceMs: number): Promise<void>;
}

const pollSeconds = 15;
const keepFinishedSeconds = 3 * 86_400;

/** Starts scheduled jobs in this process; of several processes one gets each run. @throws when the database does not answer. */
export async function startJobs(database: Database, jobs: readonly ScheduledJob[], logger: Logger): Promise<Jobs> {
  const boss = new PgBoss({
    ...(await connectionOf(database)),
    schema: "pgboss",
    monitorIntervalSeconds: 60,
    maintenanceIntervalSeconds: 3_600,
    queueCacheIntervalSeconds: 60,
  });
  // Without a listener a lost connection would end the process.
  boss.on("error", (error) => logger.warn({ error }, "A background job's queue met an error; it goes on by itself."));
  boss.on("warning", (warning) => logger.warn({ warning: toReadable(warning) }, "The background jobs' queue has a warning."));
  await boss.start();
  for (const job of jobs) {
    const limits = {
      retryLimit: 3,
      retryDelay: 30,
      retryBackoff: true,
      expireInSeconds: job.longestSeconds,
      deleteAfterSeconds: keepFinishedSeconds,
      retentionSeconds: keepFinishedSeconds,
    };
    await boss.createQueue(job.name, { policy: "exclusive", ...limits });
    await boss.updateQueue(job.name, limits);
    await boss.schedule(job.name, "cron" in job ? job.cron : spreadSchedule(job.name, job.every), {}, { tz: "UTC" });
    await boss.work(job.name, { pollingIntervalSeconds: pollSeconds }, async () => {
      try {
        await job.run();
      } catch (error) {
        logger.error({ error, job: job.name }, "A background job failed; it is tried again.");
        throw error;
      }
    });
  }
  return { stop: (graceMs) => boss.stop({ graceful: true, timeout: Math.max(1_000, graceMs) }) };
}

async function connectionOf(database: Database): Promise<ConstructorParameters<typeof PgBoss>[0] & object> {
  if (database.pglite !== undefined) return { db: fromPglite(await database.pglite()), backend: "pglite" };
  return { connectionString: database.url ?? "", max: 2, application_name: "belay jobs", connectionTimeoutMillis: 5_000 };
}

/** Without the text of a statement, of which nobody who reads logs can make anything, and its values. */
function toReadable({ message, data }: { readonly message: string; readonly data: object }): Readonly<Record<string, unknown>> {
  const { sql: _sql, values: _values, ...facts } = data as Readonly<Record<string, unknown>>;
  return { message, ...facts };
}
