import { isBelayError } from "../../../errors/belay-error.ts";
import type { BelayError } from "../../../errors/belay-error.ts";
import { Operation } from "../../operation-context.ts";
import type { OperationContext } from "../../operation-context.ts";
import type { Attempt, ExchangeParts } from "../../record.ts";

/** One item's side of a call for many. */
export interface Member {
  /** The step that wrote it; undefined outside any step. */
  readonly step: Operation | undefined;
  /** What its step is shown of the bodies. */
  parts(): ExchangeParts;
}

/**
 * The operation of a call that carries writes of several. Just before the bytes leave, every member is asked whether it may still write. Where one may not, nothing leaves:
 * its item is in the body already, so the call has to be made anew without it.
 */
export class BatchOperation extends Operation {
  /** Members that may not write any more, and why. */
  readonly lost = new Map<Member, BelayError>();
  readonly #members: readonly Member[];

  constructor(members: readonly Member[], signal: AbortSignal) {
    super(toContext(members, signal));
    this.#members = members;
  }

  override beforeWrite(): void {
    for (const member of this.#members) {
      try {
        member.step?.checkWrite();
      } catch (error) {
        if (!isBelayError(error)) throw error;
        this.lost.set(member, error);
      }
    }
    const [first] = this.lost.values();
    if (first !== undefined) throw first;
    for (const { step } of this.#members) step?.markWritten();
  }
}

/** The most urgent first. */
const lanes = ["interactive", "event", "sync", "backfill"] as const;

function toContext(members: readonly Member[], signal: AbortSignal): OperationContext {
  const steps = members.flatMap(({ step }) => step ?? []);
  // The provider is told of one trace only: that of the item that waited longest.
  const traceparent = steps.find(({ context }) => context.traceparent !== undefined)?.context.traceparent;
  const watched = members.filter(({ step }) => step?.context.onAttempt !== undefined);
  return {
    key: "",
    suspect: false,
    leaseCheck: () => undefined,
    ...(watched.length > 0 && { onAttempt: (attempt: Attempt) => showAttempt(watched, attempt) }),
    signal,
    // Who waits most decides when the call may go; whoever waited longest answers for what it uses up.
    lane: lanes.find((lane) => steps.some(({ context }) => context.lane === lane)) ?? "event",
    ...(steps[0]?.context.flow !== undefined && { flow: steps[0].context.flow }),
    // A member whose own time is up stops waiting; the others' calls go on.
    deadlineAt: members.reduce((latest, { step }) => Math.max(latest, step?.context.deadlineAt ?? Number.POSITIVE_INFINITY), 0),
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** Every step sees the call, with its own items in it. It was one call, so one of them counts it. */
function showAttempt(members: readonly Member[], attempt: Attempt): void {
  const seen = new Set<Operation>();
  for (const member of members) {
    const { step } = member;
    if (step === undefined || seen.has(step)) continue;
    seen.add(step);
    const alone = members.every((other) => other.step === step);
    const shared = { items: members.length, first: seen.size === 1 };
    step.context.onAttempt?.(alone ? attempt : { ...attempt, shared, toExchange: () => attempt.toExchange(member.parts()) });
  }
}
