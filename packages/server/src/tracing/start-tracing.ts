import { randomBytes } from "node:crypto";
import { newSpanId } from "@belay/sdk/http";
import type { EndedRun } from "../flow/index.ts";
import { type Clock, type Logger, parseTrace, type Receipt } from "../telemetry/index.ts";
import { describeMissedReceipt, describeRun, isTold, type RunParts } from "./describe-run.ts";
import { describeReceipt } from "./describe-receipt.ts";
import { ErrorTracker } from "./error-tracker.ts";
import { toLogLine } from "./log-line.ts";
import type { Otlp } from "./open-otlp.ts";
import { type Environment, readSettings, type TelemetryTargets } from "./read-settings.ts";
import { findTroubleOfLog, findTroubleOfRun, findTroublesOfReceipt } from "./trouble.ts";

export interface TracingParts {
  readonly targets: TelemetryTargets;
  readonly environment: Environment;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly addressOf: RunParts["addressOf"];
  readonly classify: RunParts["classify"];
}

export interface Tracing {
  /** What everything else logs to. */
  readonly logger: Logger;
  /** Absent when nobody is to be told. */
  readonly onRunEnd?: (run: EndedRun) => void;
  readonly onReceived?: (receipt: Receipt) => void;
  /** Sends what waits, for at most 3 s. */
  close(): Promise<void>;
}

const longestCloseMs = 3_000;
/** Receipts that were told after the fact: a message that waits several times shall not tell its own again. */
const mostRemembered = 5_000;

/**
 * Tells the collector and the error tracker what happens, where they are set up; else it costs nothing and loads nothing.
 *
 * @throws `TELEMETRY_TARGET_INVALID`.
 */
export async function startTracing(parts: TracingParts): Promise<Tracing> {
  const { logger, clock } = parts;
  const settings = readSettings(parts.targets, parts.environment);
  if (settings.traces === undefined && settings.logs === undefined && settings.sentry === undefined)
    return { logger, close: () => Promise.resolve() };
  const otlp = await openCollector(settings, logger);
  const onDelivery = sayOnce(logger, "Errors cannot be sent to the error tracker; they are lost, and the work goes on.");
  const tracker =
    settings.sentry &&
    new ErrorTracker({ settings: settings.sentry, clock, newEventId: () => randomBytes(16).toString("hex"), fetch, onDelivery });
  return {
    logger: forward(logger, clock, otlp.sendLog, tracker),
    ...((otlp.sendSpan !== undefined || tracker !== undefined) && {
      onRunEnd: harmless(logger, tellRuns(parts, otlp.sendSpan, tracker)),
      onReceived: harmless(logger, (receipt: Receipt) => {
        const span = otlp.sendSpan && describeReceipt(receipt, parts.classify);
        if (span !== undefined) otlp.sendSpan?.(span);
        if (tracker !== undefined) for (const trouble of findTroublesOfReceipt(receipt, parts.classify)) tracker.report(trouble);
      }),
    }),
    close: async () => {
      const tooLate = new AbortController();
      await Promise.race([Promise.all([otlp.close(), tracker?.close()]), clock.sleep(longestCloseMs, tooLate.signal)]);
      tooLate.abort();
    },
  };
}

async function openCollector(settings: ReturnType<typeof readSettings>, logger: Logger): Promise<Otlp> {
  if (settings.traces === undefined && settings.logs === undefined) return { close: () => Promise.resolve() };
  const { openOtlp } = await import("./open-otlp.ts");
  const sayers = {
    traces: sayOnce(logger, "Traces cannot be sent to the collector; they are lost, and the work goes on."),
    logs: sayOnce(logger, "Log lines cannot be sent to the collector; they are lost there, and the work goes on."),
  };
  return openOtlp(settings, (signal, error) => sayers[signal](error));
}

function tellRuns(parts: TracingParts, sendSpan: Otlp["sendSpan"], tracker: ErrorTracker | undefined): (run: EndedRun) => void {
  const remembered = new Set<string>();
  const describing = { newSpanId: () => newSpanId(parts.random), addressOf: parts.addressOf, classify: parts.classify };
  return (run) => {
    const trace = parseTrace(run.message.trace);
    if (sendSpan !== undefined && trace !== undefined && isTold(run, trace)) {
      const receipt = remembered.has(trace.spanId) ? undefined : describeMissedReceipt(run, trace);
      if (receipt !== undefined) {
        if (remembered.size >= mostRemembered) remembered.clear();
        remembered.add(trace.spanId);
        sendSpan(receipt);
      }
      for (const span of describeRun(run, describing)) sendSpan(span);
    }
    const trouble = tracker && findTroubleOfRun(run, parts.classify);
    if (trouble !== undefined) tracker?.report(trouble);
  };
}

/** What was done is done, whether or not it can be told: a run that succeeded must not fail, nor an event be refused that is on disk, for a mistake in here. */
function harmless<What>(logger: Logger, tell: (what: What) => void): (what: What) => void {
  const say = sayOnce(logger, "Something could not be told to the collector or the error tracker: a mistake in Belay.");
  return (what) => {
    try {
      tell(what);
    } catch (error) {
      say(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

/** The same log, told to the collector and the error tracker as well. */
function forward(logger: Logger, clock: Clock, sendLog: Otlp["sendLog"], tracker: ErrorTracker | undefined): Logger {
  const at =
    (level: keyof Logger) =>
    (facts: object, message: string): void => {
      logger[level](facts, message);
      if (level !== "debug") sendLog?.(toLogLine(level, facts, message, clock.now()));
      const trouble = level === "error" && tracker !== undefined ? findTroubleOfLog(facts, message, clock.now()) : undefined;
      if (trouble !== undefined) tracker?.report(trouble);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Said when it begins, and when it is over; not each time in between. */
function sayOnce(logger: Logger, sentence: string): (error: Error | undefined) => void {
  let failing = false;
  return (error) => {
    if (error !== undefined && !failing) logger.warn({ error }, sentence);
    if (error === undefined && failing) logger.info({}, "Telemetry is taken again.");
    failing = error !== undefined;
  };
}
