import type { CallReport, EndedRun } from "../flow/index.ts";
import type { LookUp } from "../cache/index.ts";
import type { Lease, Result } from "../mailbox/index.ts";
import type { Receipt } from "../telemetry/index.ts";
import type { SeriesTable } from "./series-table.ts";

/** Counts how an event was taken in. `connectorOf`: the connector of a connection. */
export function countReceipt(table: SeriesTable, receipt: Receipt, connectorOf: (connection: string) => string | undefined): void {
  const { tenant, connection, route, outcome, code, reason = code, startedAtMs, endedAtMs } = receipt;
  const endpoint = route === "/v1/events" ? "host.events" : `${connectorOf(connection) ?? "unknown"}.webhooks`;
  const series = table.at(endedAtMs, "ingest", tenant, connection, "", endpoint);
  series.add("received");
  series.add(outcome);
  if (reason !== undefined) series.add(`rejected.${reason}`);
  series.took(endedAtMs - startedAtMs);
}

/** Counts results that are on disk. A message that was tried several times is delivered once and retried as often as it failed before. */
export function countResults(table: SeriesTable, { connection }: Lease, results: readonly Result[], nowMs: number): void {
  for (const result of results) {
    const { tenant, flow, receivedAtMs } = result.message;
    switch (result.kind) {
      case "delivered": {
        const series = table.at(nowMs, "run", tenant, connection, flow, "");
        series.add("delivered");
        series.arrivedAfter(nowMs - receivedAtMs);
        break;
      }
      case "superseded":
        table.at(nowMs, "run", tenant, connection, flow, "").add("superseded");
        break;
      case "retry":
      case "dead": {
        const series = table.at(nowMs, "run", tenant, connection, flow, "");
        const name = result.kind === "dead" ? "dead" : "retried";
        series.add(name);
        series.add(`${name}.${result.code}`);
        break;
      }
      case "suspend":
        table.at(nowMs, "run", tenant, connection, flow, "").add("suspended");
        break;
      case "park":
      case "hold":
      case "forgive":
        break;
    }
  }
}

/** Counts a run: how long it took, or why it could not begin. */
export function countRun(table: SeriesTable, { message, target, verdict, startedAtMs, endedAtMs }: EndedRun): void {
  const series = table.at(endedAtMs, "run", message.tenant, target, message.flow, "");
  if (verdict.kind === "wait") {
    series.add("waited");
    series.add(`waited.${verdict.why}`);
  } else if (verdict.kind !== "suspended") {
    series.add("runs");
    series.took(endedAtMs - startedAtMs);
  }
}

/** Counts a look-up in the cache: a hit needed no call. */
export function countLookUp(
  table: SeriesTable,
  { tenant, connection, resource }: { readonly tenant: string; readonly connection: string; readonly resource: string },
  how: LookUp,
  nowMs: number,
): void {
  const series = table.at(nowMs, "lookup", tenant, connection, "", resource);
  series.add(how === "miss" ? "miss" : "hit");
  if (how !== "miss") series.add(how);
}

/** Counts what a worker thread has told of its calls. */
export function countCalls(table: SeriesTable, { calls, opened }: CallReport, nowMs: number): void {
  for (const { tenant, connection, flow, endpoint, ok, outcomes, durations } of calls) {
    const series = table.at(nowMs, "call", tenant, connection, flow, endpoint);
    let all = 0;
    for (const [outcome, count] of outcomes) {
      all += count;
      series.add(/^\d/.test(outcome) ? `status.${outcome}` : `error.${outcome}`, count);
    }
    series.add("calls", all);
    if (ok > 0) series.add("ok", ok);
    if (all > ok) series.add("failed", all - ok);
    for (const [ms, times] of durations) series.took(ms, times);
  }
  for (const owned of opened) {
    const slash = owned.lastIndexOf("/");
    table.at(nowMs, "call", owned.slice(0, slash), owned.slice(slash + 1), "", "").add("breaker-opened");
  }
}
