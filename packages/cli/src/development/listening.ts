import { BelayError } from "@belay/sdk";

/** Runs what listens on `port`. @throws `CLI_PORT_TAKEN` where something else does so already. */
export async function listening<T>(port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EADDRINUSE") throw error;
    throw new BelayError(
      "CLI_PORT_TAKEN",
      `Port ${port} is in use by another program. Choose another with --port, or 0 for any that is free.`,
      { cause: error },
    );
  }
}
