/** What `run` gets. */
export interface FlowContext<Payload, Target, Connections = Record<never, never>, Type extends string = string> {
  /** The payload, validated by the event's schema. */
  readonly event: Payload;
  /** Which of the flow's events it is; where there are several, comparing it tells what `event` is. */
  readonly type: Type;
  /** The tenant for whom the flow runs. */
  readonly tenant: string;
  /** Which try this is; 1 at first. Above 1 an earlier try may have had effects: writes are keyed so that they do not repeat. */
  readonly attempt: number;
  /**
   * Runs `work` once and remembers its result under `name`, so that a later attempt gets the result instead of running it again.
   * Names are unique within a run. The result must be JSON. A result is durable before the next step begins.
   *
   * @throws `FLOW_STEP_REPEATED` when a name is used twice in one run, `FLOW_STEP_RESULT_INVALID` when the result is not JSON.
   */
  step<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** The target's resources: `target.ticket.create({ … })`. Every call goes through the outbound pipeline. */
  readonly target: Target;
  /**
   * The further connections of the same tenant that the flow names: `connections.billing.customer.get(…)`. Their calls go through the
   * pipeline, with the run's idempotency keys and under its lease, as the target's do.
   */
  readonly connections: Connections;
  /** Aborts when the run's time is up. */
  readonly signal: AbortSignal;
}
