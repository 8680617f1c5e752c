import type { FailureClass } from "@belay/sdk";
import type { EndedRun } from "../flow/index.ts";
import { parseTrace, type Receipt, type TraceContext } from "../telemetry/index.ts";
import type { SpanAttributes } from "./attributes.ts";
import { attributesOf, classOfQuarantined, classOfRun, type Classify, needsEngineer } from "./classify.ts";
import { describeThrown, type Frame } from "./describe-thrown.ts";

/** Something that an engineer has to look at. Holds no text that a flow, a provider or a person wrote. */
export interface Trouble {
  /** What it is, short and the same each time: a code, or the kind of an error. */
  readonly type: string;
  /** A sentence of Belay. */
  readonly text: string;
  /** Where it happened: the flow and its step, or the file and function. Troubles of one type and place are one issue. */
  readonly place: string;
  readonly atMs: number;
  readonly tags: SpanAttributes;
  readonly trace: TraceContext | undefined;
  /** Innermost first. */
  readonly frames: readonly Frame[];
}

/** A message that was given up through a mistake, or that ended its thread: that is told each time, because it costs others. */
export function findTroubleOfRun(run: EndedRun, classify: Classify): Trouble | undefined {
  const { message, target, verdict, report, endedAtMs } = run;
  if (!("code" in verdict) || (verdict.kind === "retry" && verdict.code !== "FLOW_THREAD_ENDED")) return undefined;
  const failureClass = classOfRun(run, classify);
  if (!needsEngineer(failureClass)) return undefined;
  const { code } = verdict;
  const trace = parseTrace(message.trace);
  const step = report?.steps.findLast((one) => one.code !== undefined)?.name;
  const call = report?.exchanges.findLast(({ ok }) => !ok)?.label;
  return {
    type: code,
    text: `${message.flow} ${verdict.kind === "dead" ? "gave up a message" : "ended its thread"}: ${code}.`,
    place: [message.flow, step ?? "", step === undefined ? (call ?? "") : ""].filter((part) => part !== "").join("/"),
    atMs: endedAtMs,
    tags: {
      "error.type": code,
      ...attributesOf(failureClass),
      "belay.tenant": message.tenant,
      "belay.connection": message.connection,
      "belay.target": target,
      "belay.flow": message.flow,
      "belay.event.type": message.eventType,
      "belay.message.id": message.id,
      "belay.attempt": message.attempts + 1,
      ...(step !== undefined && { "belay.step": step }),
    },
    trace: trace && { ...trace, spanId: report?.spanId ?? trace.spanId },
    frames: [],
  };
}

/** Events that did not fit their contract, one trouble for each flow that waits for them. */
export function findTroublesOfReceipt(receipt: Receipt, classify: Classify): Trouble[] {
  return receipt.quarantined.map((letter) => describeQuarantined(receipt, letter, classOfQuarantined(receipt, letter, classify)));
}

function describeQuarantined(receipt: Receipt, { flow, code }: Receipt["quarantined"][number], failureClass: FailureClass): Trouble {
  return {
    type: code,
    text: `${flow} could not take an event of ${receipt.connection}: ${code}.`,
    place: `${flow}/${receipt.connection}/${receipt.eventType ?? ""}`,
    atMs: receipt.endedAtMs,
    tags: {
      "error.type": code,
      ...attributesOf(failureClass),
      "belay.tenant": receipt.tenant,
      "belay.connection": receipt.connection,
      "belay.flow": flow,
      ...(receipt.eventType !== undefined && { "belay.event.type": receipt.eventType }),
      ...(receipt.eventId !== undefined && { "belay.event.id": receipt.eventId }),
    },
    trace: parseTrace(receipt.trace),
    frames: [],
  };
}

/** An error that nobody foresaw: one that is logged at level error. */
export function findTroubleOfLog(facts: object, sentence: string, atMs: number): Trouble | undefined {
  const error: unknown = Reflect.get(facts, "error");
  if (!(error instanceof Error)) return undefined;
  const { type, code, frames } = describeThrown(error);
  const trace: unknown = Reflect.get(facts, "trace");
  const read = (name: string): string | number | undefined => {
    const value: unknown = Reflect.get(facts, name);
    return typeof value === "string" || typeof value === "number" ? value : undefined;
  };
  const tenant = read("tenant");
  const message = read("message");
  return {
    type: code ?? type,
    text: sentence,
    place: sentence,
    atMs,
    tags: {
      "exception.type": type,
      ...(code !== undefined && { "error.type": code }),
      ...(tenant !== undefined && { "belay.tenant": tenant }),
      ...(message !== undefined && { "belay.message.id": message }),
    },
    trace: parseTrace(typeof trace === "string" ? trace : undefined),
    frames,
  };
}
