import type { ApiLimits } from "@belay/sdk/client";
import { readableTime, tableOf } from "./print.ts";

type Budget = ApiLimits["budgets"][number];
type Limit = Budget["limits"][number];

/** The server counts no further. */
const mostCounted = 10_000;

/** What a connection may still send, for people. */
export function describeLimits({ connection, connector, budgets, waits, doneAtEarliest }: ApiLimits, now: Date): string {
  const standing =
    budgets.length === 0
      ? [`${connection}: the connector "${connector}" declares no limits, and the provider refuses nothing.`]
      : budgets.map((budget) => describeBudget(budget, now));
  return [...standing, ...describeWaits(waits, doneAtEarliest, now)].join("\n\n");
}

function describeWaits(waits: ApiLimits["waits"], doneAtEarliest: string | null, now: Date): string[] {
  if (waits.length === 0) return [];
  const rows = waits.map(({ lane, messages, oldest, goesOnAt, why }) => [
    lane,
    messages >= mostCounted ? `${messages} or more` : String(messages),
    `since ${readableTime(oldest, now)}`,
    goesOnAt === null ? "worked on" : `goes on in ${spell(Date.parse(goesOnAt) - now.getTime())}${why === null ? "" : ` (${why})`}`,
  ]);
  const done = doneAtEarliest === null ? [] : [`at the earliest all of it is sent by ${readableTime(doneAtEarliest, now)}`];
  return [[tableOf(["lane", "messages waiting", "", ""], rows, ""), ...done].join("\n")];
}

function describeBudget({ key, sharedByTenants, blockedUntil, limits, usage }: Budget, now: Date): string {
  const rows = limits.map((limit) => [allowed(limit), String(limit.used), left(limit), waiting(limit), forecast(limit, now)]);
  return [
    `${key}${sharedByTenants ? "  (shared by all tenants)" : ""}`,
    ...(blockedUntil === null ? [] : [`The provider lets nobody through before ${readableTime(blockedUntil, now)}.`]),
    ...(rows.length === 0 ? [] : [tableOf(["allowed", "used", "remaining", "calls waiting", ""], rows, "")]),
    ...describeUsage(usage, now),
  ].join("\n");
}

function describeUsage({ since, flows, others }: Budget["usage"], now: Date): string[] {
  const users = [
    ...flows.map(({ flow, units }) => `${flow === "" ? "no flow" : flow} ${units}`),
    ...(others > 0 ? [`other tenants ${others}`] : []),
  ];
  return users.length === 0 ? [] : [`used since ${readableTime(since, now)}: ${users.join(", ")}`];
}

function allowed({ requests, perMs, concurrent, align }: Limit): string {
  const rate = requests === null ? [] : [`${requests} in ${spell(perMs)}${align === null ? "" : ` by the clock of ${align}`}`];
  return [...rate, ...(concurrent === null ? [] : [`${concurrent} at once`])].join(", ");
}

function left({ remaining, concurrent, underWay }: Limit): string {
  if (remaining !== null) return String(Math.floor(remaining));
  return concurrent === null ? "" : String(Math.max(0, concurrent - underWay));
}

function waiting({ waiting: by }: Limit): string {
  const lanes = Object.entries(by).filter(([, units]) => units > 0);
  return lanes.length === 0 ? "0" : lanes.map(([lane, units]) => `${lane} ${units}`).join(", ");
}

function forecast({ freeAt, usedUpAt, resetAt }: Limit, now: Date): string {
  if (freeAt !== null) return `free in ${spell(Date.parse(freeAt) - now.getTime())}`;
  if (usedUpAt !== null) return `gone by ${readableTime(usedUpAt, now)} at this pace`;
  return resetAt === null ? "" : `begins anew at ${readableTime(resetAt, now)}`;
}

function spell(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
