import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { type ConnectionKey, deleteMarks } from "./store.ts";

const keepMarksDays = 7;
const marksAtOnce = 1_000;

/**
 * What is done about connections in the background.
 *
 * @param forget Takes away what others keep for connections that were removed, in the transaction in which the last mark of them goes.
 */
export function connectionJobs(db: Db, forget: (tx: Db, connections: readonly ConnectionKey[]) => Promise<void>): ScheduledJob[] {
  const forgetSome = async (): Promise<number> =>
    await db.transaction().execute(async (tx) => {
      const removed = await deleteMarks(tx, keepMarksDays, marksAtOnce);
      if (removed.length > 0) await forget(tx, removed);
      return removed.length;
    });
  return [
    {
      name: "connection.forget-removed",
      every: "day",
      longestSeconds: 900,
      run: async () => {
        while ((await forgetSome()) === marksAtOnce);
      },
    },
  ];
}
