import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import type { Clock } from "../telemetry/index.ts";
import { expireMeasures, rollUp } from "./roll-up.ts";
import type { MeasuresOptions } from "./types.ts";

/** What measures have done in the background. */
export function measureJobs(db: Db, clock: Clock, options: Pick<MeasuresOptions, "minuteDays" | "hourDays">): ScheduledJob[] {
  return [
    {
      name: "measures.roll-up",
      every: "hour",
      longestSeconds: 900,
      run: async () => {
        await rollUp(db, clock);
        await expireMeasures(db, options);
      },
    },
  ];
}
