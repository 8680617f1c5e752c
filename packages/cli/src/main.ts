#!/usr/bin/env -S node --max-semi-space-size=16
/**
 * The `belay` command. One file per command in `commands/`.
 *
 * @module
 */
import { isBelayError } from "@belay/sdk";
import { Command } from "commander";
import { checkCommand } from "./commands/check.ts";
import { devCommand } from "./commands/dev.ts";
import { initCommand } from "./commands/init.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { startCommand } from "./commands/start.ts";

const program = new Command("belay").description("Integrations that hold in production.").showHelpAfterError();
program.addCommand(checkCommand());
program.addCommand(devCommand());
program.addCommand(initCommand());
program.addCommand(simulateCommand());
program.addCommand(startCommand());

try {
  await program.parseAsync();
} catch (error) {
  // A mistake of the person at the keyboard needs no stack; anything else does.
  process.stderr.write(
    `${isBelayError(error) ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
