import { pino } from "pino";
import { scrubFacts, scrubText } from "./scrub.ts";

/** Structured log; the first argument holds the facts, the second is a sentence. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/**
 * JSON lines on standard error, so that standard output stays the command's own. This is the boundary that nothing secret or personal may pass: facts and sentences are
 * scrubbed, whoever wrote them.
 *
 * @param write Where a line goes. Default: standard error.
 */
export function createLogger(
  level: "debug" | "info" | "warn" | "error" | "silent" = "info",
  write: { write(line: string): void } = pino.destination({ dest: 2, sync: true }),
): Logger {
  const log = pino({ level, base: null }, write);
  const at =
    (name: "debug" | "info" | "warn" | "error") =>
    (facts: object, message: string): void => {
      if (log.isLevelEnabled(name)) log[name](scrubFacts(facts), scrubText(message));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
