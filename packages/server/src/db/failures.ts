/** What a failed statement says about trying again. */
export type DatabaseFailure =
  /** The rows themselves were refused: the same statement will fail again. */
  | "refused"
  /** The connection, the server or a lock failed: the same statement may succeed later. */
  | "unavailable";

/** Classes of SQLSTATE that blame the data. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const refusedClasses = new Set(["22", "23", "54"]);

/** Tells whether the data or the database is to blame. An error without an SQLSTATE is a lost connection or a time-out. */
export function processDatabaseError(error: unknown): DatabaseFailure {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  return code.length === 5 && refusedClasses.has(code.slice(0, 2)) ? "refused" : "unavailable";
}
