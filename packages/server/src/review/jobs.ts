import type { ScheduledJob } from "../engine/index.ts";
import { reviewAccess, type ReviewParts } from "./review-access.ts";

/** The daily look. */
export function reviewJobs(parts: ReviewParts): ScheduledJob[] {
  return [{ name: "access.review", cron: "13 5 * * *", longestSeconds: 900, run: async () => void (await reviewAccess(parts)) }];
}
