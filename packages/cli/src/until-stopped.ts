/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((stopped) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.once("SIGTERM", () => process.exit(1));
      process.once("SIGINT", () => process.exit(1));
      stopped(signal);
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  });
}
