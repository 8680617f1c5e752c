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
  const serializers = { error: describeError, cause: describeError };
  return pino({ level, base: null, serializers }, pino.destination({ dest: 2, sync: true }));
}

const deepestCause = 5;

/**
 * What a log may know of an error. Never its other members: a driver hangs its whole connection on an error, and with it what nobody may read. Exported for tests.
 */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === "string" ? error : typeof error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const cause = error.cause === undefined || depth >= deepestCause ? undefined : describeError(error.cause, depth + 1);
  return {
    name: error.name,
    ...(code !== undefined && { code }),
    message: error.message,
    stack: error.stack,
    ...(cause !== undefined && { cause }),
  };
}
