/**
 * What a series is about.
 *
 * - `ingest`: events as they came in, by the connection that they came from; the endpoint is `<connector>.webhooks`, or `host.events`.
 * - `run`: messages and their runs, by the connection written to and the flow.
 * - `call`: attempts of HTTP calls, by connection, flow and the call's label, such as `zendesk.ticket.create`.
 * - `lookup`: reads with a `maxAge`, by connection; the endpoint is the resource, such as `zendesk.ticket`.
 * - `queue`: what waits, by the connection that will be written to.
 */
export type MeasureKind = "ingest" | "run" | "call" | "queue" | "lookup";

/** What tells one series from another. What does not apply is empty; what there was no room for is `(other)`. */
export interface SeriesKey {
  readonly kind: MeasureKind;
  readonly tenant: string;
  readonly connection: string;
  readonly flow: string;
  readonly endpoint: string;
}

/** Counts by name, such as `delivered` or `status.429`. */
export type Counts = Readonly<Record<string, number>>;

export interface MeasuresOptions {
  /** Series of each kind that a process keeps apart; what comes beyond is counted together as `(other)`. Default 5,000. */
  readonly maxSeries: number;
  /** How often counts are written to the database, ms: what a killed process loses at most. Default 10,000. */
  readonly flushMs: number;
  /** How long counts per minute are kept, days. Default 2. */
  readonly minuteDays: number;
  /** How long counts per hour are kept, days. Default 400. */
  readonly hourDays: number;
  /** Metrics for Prometheus name the tenant. Default false: every tenant multiplies their number. */
  readonly tenantLabel: boolean;
}

export const defaultMeasuresOptions: MeasuresOptions = {
  maxSeries: 5_000,
  flushMs: 10_000,
  minuteDays: 2,
  hourDays: 400,
  tenantLabel: false,
};
