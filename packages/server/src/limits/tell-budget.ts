import type { ParsedLimit, SharedBudget } from "@belay/sdk/http";
import { windowAt } from "./clock-windows.ts";
import { foreseeFrees, usedUnits } from "./count-units.ts";
import { lanes } from "./lanes.ts";
import { wishToldMs } from "./timing.ts";
import type { BudgetState, LimitState } from "./types.ts";

/** How a limit stands. Times are epoch milliseconds. */
export interface ToldLimit {
  readonly requests: number | null;
  readonly perMs: number;
  readonly align: string | null;
  readonly concurrent: number | null;
  /** Counted by the provider, or in the hands of workers. */
  readonly used: number;
  readonly remaining: number | null;
  /** Units that calls wait for now, by lane. */
  readonly waiting: Readonly<Record<(typeof lanes)[number], number>>;
  /** Places for requests under way that workers hold. */
  readonly underWay: number;
  /** When there will be room again; null while there is. */
  readonly freeAtMs: number | null;
  /** When it will be used up if it goes on as in the last quarter of a window, or, by the clock, as in this one; null if it will not before more is free. */
  readonly usedUpAtMs: number | null;
  /** When the window by the clock ends. */
  readonly resetAtMs: number | null;
}

/** How a budget stands. */
export interface ToldBudget {
  readonly key: string;
  /** Whose calls alone it counts; null: all calls. */
  readonly endpoint: string | null;
  /** Other tenants use it up as well. */
  readonly sharedByTenants: boolean;
  readonly blockedUntilMs: number | null;
  readonly limits: readonly ToldLimit[];
  /** Who used how much since a time; of other tenants only the sum. */
  readonly usage: {
    readonly sinceMs: number | null;
    readonly flows: { flow: string; units: number }[];
    readonly others: number;
  };
}

/** Tells how a budget stands, to a tenant. */
export function tellBudget(
  { key, tenant: of, limits, endpoint }: SharedBudget & { readonly endpoint?: string },
  state: BudgetState,
  tenant: string,
  nowMs: number,
): ToldBudget {
  const { blockedUntilMs, usage } = state;
  const blocked = blockedUntilMs > nowMs ? blockedUntilMs : null;
  const own = `${tenant}/`;
  const entries = Object.entries(usage.by);
  return {
    key,
    endpoint: endpoint ?? null,
    sharedByTenants: of === "",
    blockedUntilMs: blocked,
    limits: limits.map((limit, index) => tellLimit(limit, state.limits[index], blocked, nowMs)),
    usage: {
      sinceMs: usage.sinceMs > 0 ? usage.sinceMs : null,
      flows: entries.filter(([who]) => who.startsWith(own)).map(([who, units]) => ({ flow: who.slice(own.length), units })),
      others: entries.reduce((sum, [who, units]) => (who.startsWith(own) ? sum : sum + units), 0),
    },
  };
}

const unused: LimitState = { perMs: 0, align: "", counted: [], blocks: [], places: {}, waits: {} };

function tellLimit(limit: ParsedLimit, state: LimitState = unused, blockedUntilMs: number | null, nowMs: number): ToldLimit {
  const { requests, perMs, align, concurrent } = limit;
  const counts = requests !== Number.POSITIVE_INFINITY;
  const used = counts ? usedUnits(state, limit, nowMs) : 0;
  const remaining = Math.max(0, requests - used);
  const frees = counts && remaining < 1 ? foreseeFrees(state, limit, nowMs).find(([, units]) => units >= 1) : undefined;
  const freeAtMs = Math.max(blockedUntilMs ?? 0, frees === undefined ? 0 : nowMs + frees[0]);
  const window = align === undefined ? undefined : windowAt(nowMs, perMs, align);
  return {
    requests: counts ? requests : null,
    perMs,
    align: align ?? null,
    concurrent: concurrent === Number.POSITIVE_INFINITY ? null : concurrent,
    used,
    remaining: counts ? remaining : null,
    waiting: waitingBy(state.waits, nowMs),
    underWay: Object.values(state.places).reduce((sum, [units, untilMs]) => (untilMs > nowMs ? sum + units : sum), 0),
    freeAtMs: freeAtMs > nowMs ? freeAtMs : null,
    usedUpAtMs:
      counts && remaining >= 1
        ? foreseeEnd(limit, state, { used, remaining, beganMs: window?.fromMs, endMs: window?.untilMs, nowMs })
        : null,
    resetAtMs: window?.untilMs ?? null,
  };
}

/** When what remains is used up at the present pace, if that is before any of it is free again. */
function foreseeEnd(
  { perMs, requests }: ParsedLimit,
  { counted }: LimitState,
  at: {
    readonly used: number;
    readonly remaining: number;
    readonly beganMs: number | undefined;
    readonly endMs: number | undefined;
    readonly nowMs: number;
  },
): number | null {
  const { used, remaining, beganMs, endMs, nowMs } = at;
  if (beganMs !== undefined && endMs !== undefined) {
    const pace = used / Math.max(1, nowMs - beganMs);
    const usedUpAtMs = nowMs + remaining / pace;
    return usedUpAtMs < endMs ? Math.round(usedUpAtMs) : null;
  }
  const lately = counted.reduce((sum, [atMs, units]) => (atMs > nowMs - perMs / 4 ? sum + units : sum), 0);
  const pace = lately / (perMs / 4);
  // At a pace that the window lets through for ever it is never used up.
  return pace * perMs > requests ? Math.round(nowMs + remaining / pace) : null;
}

function waitingBy(waits: LimitState["waits"], nowMs: number): ToldLimit["waiting"] {
  const of = (lane: (typeof lanes)[number]): number =>
    Object.values(waits).reduce((sum, [atMs, units]) => (atMs + wishToldMs > nowMs ? sum + (units[lanes.indexOf(lane)] ?? 0) : sum), 0);
  return { interactive: of("interactive"), event: of("event"), sync: of("sync"), backfill: of("backfill") };
}
