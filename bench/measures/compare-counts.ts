import type { ApiMeasured } from "@belay/sdk/client";

type Counts = Readonly<Record<string, number>>;

/** What others than the measures know. */
export interface Truth {
  /** Answers by outcome as the sender saw them, by source connection. */
  readonly sources: ReadonlyMap<string, Counts>;
  /** Answers by status as the provider gave them, and `dropped`, by target connection. */
  readonly requests: ReadonlyMap<string, Counts>;
  /** Writes that the provider committed, by target connection. */
  readonly writes: ReadonlyMap<string, number>;
  /** Messages in the database by how they ended, by target connection. */
  readonly rows: readonly { readonly connection: string; readonly outcome: string; readonly count: number }[];
  /** The 99th percentile of the runs' durations, ms, worked out from all of them, by tenant. */
  readonly runP99: ReadonlyMap<string, number>;
}

export interface Comparison {
  /** How many counts were compared. */
  readonly compared: number;
  /** Largest relative difference of a count. */
  readonly worstCountError: number;
  readonly worstPercentileError: number;
  readonly violations: readonly string[];
}

const mostOff = 0.01;

export function compareCounts(measured: ApiMeasured, truth: Truth): Comparison {
  const expected = toExpected(truth);
  const violations: string[] = [];
  let worstCountError = 0;
  for (const { what, kind, connection, names, count } of expected) {
    const counted = sum(measured, kind, connection, names);
    const error = Math.abs(counted - count) / Math.max(1, count);
    worstCountError = Math.max(worstCountError, error);
    if (error > mostOff) violations.push(`${connection}: ${what} was ${count}, counted ${counted}.`);
  }
  let worstPercentileError = 0;
  for (const [tenant, exact] of truth.runP99) {
    const p99 = measured.series.find((series) => series.kind === "run" && series.tenant === tenant)?.latency?.p99 ?? 0;
    const error = Math.abs(p99 - exact) / exact;
    worstPercentileError = Math.max(worstPercentileError, error);
    if (error > mostOff) violations.push(`${tenant}: 99 % of the runs took up to ${exact} ms, measured ${p99} ms.`);
  }
  const rounded = (value: number): number => Math.round(value * 100_000) / 100_000;
  return {
    compared: expected.length,
    worstCountError: rounded(worstCountError),
    worstPercentileError: rounded(worstPercentileError),
    violations,
  };
}

interface Expected {
  readonly what: string;
  readonly kind: "ingest" | "run" | "call";
  readonly connection: string;
  /** Counts that are added up. */
  readonly names: readonly string[];
  readonly count: number;
}

function toExpected({ sources, requests, writes, rows }: Truth): Expected[] {
  const ofSources = [...sources].flatMap(([connection, answers]) =>
    Object.entries(answers).map(([name, count]): Expected => ({ what: name, kind: "ingest", connection, names: [name], count })),
  );
  const ofProviders = [...requests].flatMap(([connection, answers]) =>
    Object.entries(answers).map(([status, count]): Expected => {
      // A connection that was dropped the client sees as lost, or as late if it gave up first.
      const names = status === "dropped" ? ["error.HTTP_CONNECTION_LOST", "error.HTTP_TIMEOUT"] : [`status.${status}`];
      return { what: `answers ${status}`, kind: "call", connection, names, count };
    }),
  );
  const committed = [...writes].map(([connection, count]): Expected => ({
    what: "writes at the provider",
    kind: "run",
    connection,
    names: ["delivered"],
    count,
  }));
  const stored = rows
    .filter(({ outcome }) => outcome !== "quarantined")
    .map(({ connection, outcome, count }): Expected => ({
      what: `${outcome} in the database`,
      kind: "run",
      connection,
      names: [outcome],
      count,
    }));
  return [...ofSources, ...ofProviders, ...committed, ...stored];
}

function sum(measured: ApiMeasured, kind: string, connection: string, names: readonly string[]): number {
  const series = measured.series.filter((one) => one.kind === kind && one.connection === connection);
  return series.reduce((total, { counts }) => total + names.reduce((own, name) => own + (counts[name] ?? 0), 0), 0);
}

/** The 99th percentile of each tenant's durations. */
export function exactP99(rows: readonly { readonly tenant: string; readonly ms: number }[]): Map<string, number> {
  return new Map(
    [...Map.groupBy(rows, ({ tenant }) => tenant)].map(([tenant, own]) => {
      const sorted = own.map(({ ms }) => ms).toSorted((a, b) => a - b);
      return [tenant, sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 0];
    }),
  );
}
