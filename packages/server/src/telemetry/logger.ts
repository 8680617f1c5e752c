import { pino } from "pino";

/** Structured log; the first argument holds the facts, the second is a sentence. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** JSON lines on standard error, so that standard output stays the command's own. */
export function createLogger(level: "debug" | "info" | "warn" | "error" | "silent" = "info"): Logger {
  return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
}
