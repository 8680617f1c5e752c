import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { BelayError } from "@belay/sdk";

/** The URL of a configuration file. @throws `CLI_CONFIG_MISSING` when there is none. */
export function findConfig(file: string): URL {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new BelayError(
      "CLI_CONFIG_MISSING",
      `${path} does not exist. Go to the folder with your belay.config.ts, or name it with --config.`,
    );
  }
  return pathToFileURL(path);
}
