/** What a failed statement says about trying again. */
export type DatabaseFailure =
  /** The rows themselves were refused: the same statement will fail again. */
  | "refused"
  /** The connection, the server or a lock failed: the same statement may succeed later. */
  | "unavailable";

/** Classes of SQLSTATE that blame the data. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const refusedClasses = new Set(["22", "23", "54"]);

/**
 * Tells whether the data or the database is to blame. An error without an SQLSTATE is a lost connection or a time-out – unless it is a mistake in our own
 * code, which the same rows meet again.
 */
export function processDatabaseError(error: unknown): DatabaseFailure {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) return "refused";
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  return code.length === 5 && refusedClasses.has(code.slice(0, 2)) ? "refused" : "unavailable";
}

/** Whether an error comes from the database or the way to it: it has an SQLSTATE, a socket's code, or the words of the driver. */
export function isDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return /^([0-9A-Z]{5}|E[A-Z]{4,})$/.test(code) || /^(Connection terminated|Query read timeout|timeout exceeded)/i.test(error.message);
}
