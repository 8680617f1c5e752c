import type { ToldBudget } from "./tell-budget.ts";

/**
 * The earliest time at which so many calls can have been made that each use up one unit, if nobody else uses these budgets: as their tightest limit allows it. Budgets of single endpoints
 * do not count, because nobody knows how many of the calls are to them.
 *
 * @returns epoch ms; null when no limit says anything about it.
 */
export function foreseeDone(budgets: readonly ToldBudget[], calls: number, nowMs: number): number | null {
  const ends = budgets
    .filter(({ endpoint }) => endpoint === null)
    .flatMap(({ limits }) =>
      limits.flatMap(({ requests, perMs, remaining, freeAtMs }) => {
        if (requests === null || remaining === null) return [];
        const later = calls - remaining;
        return later <= 0 ? [nowMs] : [Math.max(freeAtMs ?? nowMs, nowMs + (later / requests) * perMs)];
      }),
    );
  return ends.length === 0 ? null : Math.round(Math.max(...ends));
}
