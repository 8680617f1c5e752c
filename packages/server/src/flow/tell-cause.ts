/** What ended a thread, as a log may have it. */
export interface ToldCause {
  readonly name: string;
  readonly code?: string;
  /** Only of errors of Node's own. */
  readonly message?: string;
  /** Where it was thrown. */
  readonly frames: readonly string[];
}

/**
 * Tells where and of what kind an error was that nobody caught. Not what it said: that is written by a flow or a library that it uses, with whatever tenant's secrets it had in
 * hand, and of a thread that is gone nobody knows any more which these were.
 */
export function tellCause(cause: unknown): ToldCause {
  if (!(cause instanceof Error)) return { name: typeof cause, frames: [] };
  const code = "code" in cause && typeof cause.code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(cause.code) ? cause.code : undefined;
  const frames = (cause.stack ?? "")
    .replace(cause.message, "")
    .split("\n")
    .filter((line) => /^ {4}at .{1,300}$/.test(line));
  return {
    name: cause.name.slice(0, 60),
    ...(code !== undefined && { code }),
    ...(code?.startsWith("ERR_WORKER_") === true && { message: cause.message }),
    frames: frames.slice(0, 10).map((line) => line.trim()),
  };
}
