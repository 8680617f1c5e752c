import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteOldDiscrepancies, deleteOldReconciliations } from "./store.ts";

const keepDiscrepanciesDays = 30;
const keepReconciliationsDays = 400;
const chunk = 1_000;

/** Keeps what comparisons found for a month, and that they were made for a year; when both sides were last equal stays. */
export function reconcileJobs(db: Db): ScheduledJob[] {
  return [
    {
      name: "reconcile.maintain",
      every: "day",
      longestSeconds: 600,
      run: async () => {
        while ((await deleteOldDiscrepancies(db, keepDiscrepanciesDays, chunk)) === chunk);
        while ((await deleteOldReconciliations(db, keepReconciliationsDays, chunk)) === chunk);
      },
    },
  ];
}
