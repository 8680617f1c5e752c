import { Buckets, bucketSeconds } from "./buckets.ts";
import type { Family, Sample } from "./exposition.ts";
import type { Series } from "./series.ts";
import type { MeasureKind, SeriesKey } from "./types.ts";

type Labels = Readonly<Record<string, string>>;

/** Which of a series' counts are samples of a family: the label that tells them apart, by the count's name. */
interface CounterFamily {
  readonly name: string;
  readonly help: string;
  readonly kind: MeasureKind;
  readonly labels: (key: SeriesKey) => Labels;
  readonly label: (count: string) => Labels | undefined;
}

const ofSource = ({ connection, endpoint }: SeriesKey): Labels => ({ connection, endpoint });
const ofFlow = ({ connection, flow }: SeriesKey): Labels => ({ connection, flow });
const ofCall = ({ connection, flow, endpoint }: SeriesKey): Labels => ({ connection, flow, endpoint });

const oneOf =
  (label: string, ...names: readonly string[]) =>
  (count: string): Labels | undefined =>
    names.includes(count) ? { [label]: count } : undefined;
const behind =
  (label: string, ...groups: readonly string[]) =>
  (count: string): Labels | undefined => {
    const group = groups.find((name) => count.startsWith(`${name}.`));
    return group === undefined ? undefined : { [label]: count.slice(group.length + 1) };
  };

const counterFamilies: readonly CounterFamily[] = [
  {
    name: "belay_events_total",
    help: "Events that came in, by how they were taken.",
    kind: "ingest",
    labels: ofSource,
    label: oneOf("outcome", "accepted", "duplicate", "ignored", "quarantined", "rejected"),
  },
  {
    name: "belay_events_rejected_total",
    help: "Events that were rejected, by reason.",
    kind: "ingest",
    labels: ofSource,
    label: behind("reason", "rejected"),
  },
  {
    name: "belay_messages_total",
    help: "Messages by how a run of them ended, once that is on disk; dead is a dead letter.",
    kind: "run",
    labels: ofFlow,
    label: oneOf("outcome", "delivered", "superseded", "retried", "dead", "suspended"),
  },
  {
    name: "belay_message_failures_total",
    help: "Failed runs by code, those that are tried again and those that are not.",
    kind: "run",
    labels: ofFlow,
    label: behind("code", "retried", "dead"),
  },
  {
    name: "belay_waits_total",
    help: "Runs that could not begin or go on, by what they wait for: the provider's limit, or its recovery.",
    kind: "run",
    labels: ofFlow,
    label: behind("code", "waited"),
  },
  {
    name: "belay_calls_total",
    help: "Attempts of HTTP calls by status, or by code where no answer came.",
    kind: "call",
    labels: ofCall,
    label: behind("status", "status", "error"),
  },
  {
    name: "belay_calls_failed_total",
    help: "Attempts of HTTP calls that did not bring what was hoped for.",
    kind: "call",
    labels: ofCall,
    label: (count) => (count === "failed" ? {} : undefined),
  },
  {
    name: "belay_lookups_total",
    help: "Reads with a maxAge, by whether they needed a call to the provider.",
    kind: "lookup",
    labels: ofSource,
    label: oneOf("outcome", "hit", "miss"),
  },
  {
    name: "belay_lookup_hits_total",
    help: "Look-ups that needed no call, by where the answer came from: an entry, what a sync keeps, or another that asked at the same time.",
    kind: "lookup",
    labels: ofSource,
    label: behind("source", "hit"),
  },
  {
    name: "belay_breaker_openings_total",
    help: "How often calls to a provider were stopped because it failed.",
    kind: "call",
    labels: ({ connection }) => ({ connection }),
    label: (count) => (count === "breaker-opened" ? {} : undefined),
  },
];

interface HistogramFamily {
  readonly name: string;
  readonly help: string;
  readonly kind: MeasureKind;
  readonly labels: (key: SeriesKey) => Labels;
  readonly buckets: (series: Series) => Buckets;
}

const histogramFamilies: readonly HistogramFamily[] = [
  {
    name: "belay_receive_duration_seconds",
    help: "From an event's arrival to its answer.",
    kind: "ingest",
    labels: ofSource,
    buckets: ({ latency }) => latency,
  },
  { name: "belay_run_duration_seconds", help: "One run of a flow.", kind: "run", labels: ofFlow, buckets: ({ latency }) => latency },
  {
    name: "belay_delivery_lag_seconds",
    help: "From an event's receipt to its delivery on disk.",
    kind: "run",
    labels: ofFlow,
    buckets: ({ lag }) => lag,
  },
  {
    name: "belay_call_duration_seconds",
    help: "One attempt of an HTTP call.",
    kind: "call",
    labels: ofCall,
    buckets: ({ latency }) => latency,
  },
];

/** What the series of a process came to since it started. Series that differ only in what has no label are added up. */
export function toFamilies(all: Iterable<Series>, tenantLabel: boolean): Family[] {
  const byKind = Map.groupBy(all, ({ key }) => key.kind);
  const tenantOf = ({ tenant }: SeriesKey): Labels => (tenantLabel ? { tenant } : {});
  const counters = counterFamilies.map(({ name, help, kind, labels, label }): Family => {
    const sums = new Map<string, Sample>();
    for (const series of byKind.get(kind) ?? []) {
      for (const [count, value] of series.totals()) {
        const own = label(count);
        if (own === undefined) continue;
        const together = { ...tenantOf(series.key), ...labels(series.key), ...own };
        const id = JSON.stringify(together);
        sums.set(id, { labels: together, value: value + (sums.get(id)?.value ?? 0) });
      }
    }
    return { name, help, type: "counter", samples: [...sums.values()] };
  });
  const histograms = histogramFamilies.map(({ name, help, kind, labels, buckets }): Family => {
    const sums = new Map<string, { labels: Labels; buckets: Buckets }>();
    for (const series of byKind.get(kind) ?? []) {
      const together = { ...tenantOf(series.key), ...labels(series.key) };
      const id = JSON.stringify(together);
      const known = sums.get(id) ?? { labels: together, buckets: new Buckets() };
      known.buckets.merge(buckets(series));
      sums.set(id, known);
    }
    const used = [...sums.values()].filter(({ buckets: { counts } }) => counts.some((count) => count > 0));
    return { name, help, type: "histogram", samples: used.flatMap((one) => toHistogram(one.labels, one.buckets)) };
  });
  return [...counters, ...histograms];
}

function toHistogram(labels: Labels, { counts, sumMs }: Buckets): Sample[] {
  let below = 0;
  const samples = [...counts].map((count, index): Sample => {
    below += count;
    return { suffix: "_bucket", labels: { ...labels, le: String(bucketSeconds[index] ?? "+Inf") }, value: below };
  });
  return [...samples, { suffix: "_sum", labels, value: sumMs / 1_000 }, { suffix: "_count", labels, value: below }];
}
