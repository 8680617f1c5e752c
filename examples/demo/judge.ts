import type { DeadLetter } from "./belay-api.ts";
import { check } from "./check.ts";
import type { TargetRecord, Violation } from "./check.ts";
import type { Receipt } from "./traffic/index.ts";

/** Everything the demo knows from outside Belay, and its dead letters. */
export interface Outcome {
  readonly receipts: readonly Receipt[];
  readonly records: readonly TargetRecord[];
  readonly deadLetters: readonly DeadLetter[];
  /** Messages that Belay had not finished when the time was up. */
  readonly waiting: number;
  /** How often the targets failed a request. */
  readonly failures: number;
  readonly seconds: number;
}

/** The figures, by the names that every demo, bench and chaos command uses. */
export interface Figures {
  /** Deliveries that Belay answered. */
  readonly received: number;
  /** Deliveries that it refused. */
  readonly rejected: number;
  /** Different events that it acknowledged and that ask for a write. */
  readonly unique: number;
  /** Requests that the targets failed, so that each had to be tried again. */
  readonly retried: number;
  /** Acknowledged, but given up and kept for a person: refused by the target, or not what the event's schema demands. */
  readonly deadLettered: number;
  /** Acknowledged events whose write the targets have; the others were superseded by newer ones or are dead letters. */
  readonly delivered: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly seconds: number;
}

export interface Judgement {
  readonly ok: boolean;
  readonly figures: Figures;
  /** Answers by outcome, the rejected ones apart. */
  readonly acknowledgedAs: Readonly<Record<string, number>>;
  readonly rejectedBy: Readonly<Record<string, number>>;
  readonly deadLetteredBy: Readonly<Record<string, number>>;
  readonly violations: readonly (Violation | OtherViolation)[];
}

/** A delivery that Belay believed or refused wrongly, or work that it did not finish. */
export interface OtherViolation {
  readonly kind: "believed" | "refused" | "unfinished";
  readonly entity: string;
  readonly message: string;
}

/** Sets what was acknowledged against what the targets have. */
export function judge({ receipts, records, deadLetters, waiting, failures, seconds }: Outcome): Judgement {
  const acknowledged = receipts.flatMap(({ delivery, outcome }) =>
    isAcknowledged(outcome) && isHonest(delivery.kind) && delivery.event.effect ? [delivery.event.effect] : [],
  );
  const verdict = check({
    acknowledged,
    records,
    deadLetters: deadLetters.map(({ tenant, flow, orderKey }) => `${tenant}/${flow}/${orderKey}`),
  });
  const violations = [...verdict.violations, ...receipts.flatMap(misjudged), ...unfinished(waiting)];
  const rejectedBy = countBy(receipts.filter(isRejected), ({ outcome }) => outcome);
  const count = (kind: Violation["kind"]): number => violations.filter((violation) => violation.kind === kind).length;
  return {
    ok: violations.length === 0,
    figures: {
      received: receipts.filter(({ status }) => status !== 0).length,
      rejected: Object.values(rejectedBy).reduce((sum, amount) => sum + amount, 0),
      unique: new Set(acknowledged.map(({ entity, version }) => `${entity}@${version}`)).size,
      retried: failures,
      deadLettered: deadLetters.length,
      delivered: verdict.delivered,
      lost: count("lost"),
      doubled: count("doubled"),
      outOfOrder: count("out-of-order"),
      seconds,
    },
    acknowledgedAs: countBy(
      receipts.filter((receipt) => !isRejected(receipt)),
      ({ outcome }) => outcome,
    ),
    rejectedBy,
    deadLetteredBy: countBy(deadLetters, ({ code }) => code),
    violations,
  };
}

/** A duplicate is a promise too: where the first answer was lost on the way, it is the only one. */
function isAcknowledged(outcome: string): boolean {
  return outcome === "accepted" || outcome === "duplicate";
}

function isHonest(kind: Receipt["delivery"]["kind"]): boolean {
  return kind === "genuine" || kind === "repeated" || kind === "unheard";
}

export function isRejected({ status }: Receipt): boolean {
  return status !== 202;
}

function misjudged({ delivery, outcome }: Receipt): OtherViolation[] {
  const believed = isAcknowledged(outcome) || outcome === "ignored";
  if (believed === isHonest(delivery.kind)) return [];
  const entity = delivery.event.effect?.entity ?? delivery.event.type;
  return [{ kind: believed ? "believed" : "refused", entity, message: `a ${delivery.kind} delivery was answered "${outcome}"` }];
}

function unfinished(waiting: number): OtherViolation[] {
  return waiting === 0
    ? []
    : [{ kind: "unfinished", entity: "Belay", message: `${waiting} messages were still waiting when the time was up` }];
}

function countBy<T>(items: readonly T[], label: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[label(item)] = (counts[label(item)] ?? 0) + 1;
  return counts;
}
