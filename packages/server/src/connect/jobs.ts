import type { ScheduledJob } from "../engine/index.ts";
import { type DisconnectParts, revokeAgain } from "./disconnect.ts";
import { deleteExpiredSessions } from "./store.ts";

const keepHours = 24;
const sessionsAtOnce = 10_000;

/** What is done about links, and about credentials that were given up, in the background. */
export function connectJobs(parts: DisconnectParts): ScheduledJob[] {
  return [
    { name: "connection.revoke", cron: "*/5 * * * *", longestSeconds: 280, run: () => revokeAgain(parts) },
    {
      name: "connect-session.expire",
      every: "hour",
      longestSeconds: 900,
      run: async () => {
        while ((await deleteExpiredSessions(parts.db, keepHours, sessionsAtOnce)) === sessionsAtOnce);
      },
    },
  ];
}
