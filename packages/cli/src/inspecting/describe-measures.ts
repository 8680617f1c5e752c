import type { ApiMeasured, ApiMeasuredSeries } from "@belay/sdk/client";
import { alignColumns } from "../development/table.ts";
import { readableTime } from "./print.ts";

/** A column: its title and what stands in it. */
type Column = readonly [title: string, value: (series: ApiMeasuredSeries) => string];

const sections: readonly { readonly kind: ApiMeasuredSeries["kind"]; readonly title: string; readonly columns: readonly Column[] }[] = [
  {
    kind: "ingest",
    title: "events",
    columns: [
      ["connection", ({ connection, endpoint }) => (connection === "" ? "(unknown)" : `${connection} ${endpoint}`)],
      ["received", count("received")],
      ["duplicate", count("duplicate")],
      ["ignored", count("ignored")],
      ["quarantined", count("quarantined")],
      ["rejected", count("rejected")],
      ["p50", ({ latency }) => duration(latency?.p50)],
      ["p99", ({ latency }) => duration(latency?.p99)],
      ["", detail("rejected")],
    ],
  },
  {
    kind: "run",
    title: "messages",
    columns: [
      ["to", ({ connection }) => connection],
      ["flow", ({ flow }) => flow],
      ["delivered", count("delivered")],
      ["retried", count("retried")],
      ["waited", count("waited")],
      ["dead", count("dead")],
      ["good", ({ successRate }) => share(successRate)],
      ["lag p50", ({ lag }) => duration(lag?.p50)],
      ["lag p99", ({ lag }) => duration(lag?.p99)],
      ["", detail("dead")],
    ],
  },
  {
    kind: "call",
    title: "calls",
    columns: [
      ["connection", ({ connection }) => connection],
      ["endpoint", ({ endpoint, counts }) => (counts["breaker-opened"] === undefined ? endpoint : "(breaker)")],
      ["flow", ({ flow }) => flow],
      ["attempts", count("calls")],
      ["failed", count("failed")],
      ["good", ({ successRate }) => share(successRate)],
      ["p50", ({ latency }) => duration(latency?.p50)],
      ["p99", ({ latency }) => duration(latency?.p99)],
      ["", ({ counts }) => (counts["breaker-opened"] === undefined ? outcomes(counts) : `opened ${counts["breaker-opened"]} times`)],
    ],
  },
  {
    kind: "queue",
    title: "longest queues",
    columns: [
      ["to", ({ connection }) => connection],
      ["messages", count("depth")],
      ["oldest", ({ counts }) => duration(counts["oldest-ms"])],
    ],
  },
];

/** What was counted as tables to read: how much came in, what became of it, and how the providers answered. */
export function describeMeasures({ from, series }: ApiMeasured): string {
  const since = `Since ${readableTime(from)}`;
  if (series.length === 0) return `${since} nothing was counted. What was counted within the last 10 s is not written down yet.`;
  const tables = sections.flatMap(({ kind, title, columns }) => {
    const rows = series.filter((one) => one.kind === kind);
    if (rows.length === 0) return [];
    const lines = rows.toSorted(byPlace).map((one) => ["", ...columns.map(([, value]) => value(one))]);
    return [alignColumns([[title, ...columns.map(([name]) => name)], ...lines], "")];
  });
  return [`${since}:`, ...tables].join("\n\n");
}

function byPlace(a: ApiMeasuredSeries, b: ApiMeasuredSeries): number {
  return [a.tenant, a.connection, a.flow, a.endpoint].join("\n") < [b.tenant, b.connection, b.flow, b.endpoint].join("\n") ? -1 : 1;
}

function count(name: string): Column[1] {
  return ({ counts }) => String(counts[name] ?? 0);
}

/** Counts of a group by what is behind its name, the most frequent first. */
function detail(group: string): Column[1] {
  return ({ counts }) => frequent(counts, [group]);
}

function outcomes(counts: Readonly<Record<string, number>>): string {
  return frequent(counts, ["status", "error"]);
}

function frequent(counts: Readonly<Record<string, number>>, groups: readonly string[]): string {
  return Object.entries(counts)
    .filter(([name]) => groups.some((group) => name.startsWith(`${group}.`)))
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 4)
    .map(([name, value]) => `${name.slice(name.indexOf(".") + 1)} ${value}`)
    .join(", ");
}

function share(value: number | null): string {
  return value === null ? "" : `${(Math.floor(value * 10_000) / 100).toFixed(2)} %`;
}

function duration(ms: number | undefined): string {
  if (ms === undefined) return "";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
