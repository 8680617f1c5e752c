#!/usr/bin/env -S node --max-semi-space-size=16
/**
 * The `belay` command. One file per command in `commands/`.
 *
 * @module
 */
import { isBelayError } from "@belay/sdk";
import { Command } from "commander";
import { checkCommand } from "./commands/check.ts";
import { deadLettersCommand } from "./commands/dead-letters.ts";
import { completionCommand } from "./commands/completion.ts";
import { devCommand } from "./commands/dev.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { initCommand } from "./commands/init.ts";
import { measuresCommand } from "./commands/measures.ts";
import { keysCommand } from "./commands/keys.ts";
import { messagesCommand } from "./commands/messages.ts";
import { sendCommand } from "./commands/send.ts";
import { showCommand } from "./commands/show.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { reproduceCommand } from "./commands/reproduce.ts";
import { startCommand } from "./commands/start.ts";
import { streamCommand } from "./commands/stream.ts";

const program = new Command("belay").description("Integrations that hold in production.").showHelpAfterError();
program.addCommand(checkCommand());
program.addCommand(devCommand());
program.addCommand(initCommand());
program.addCommand(sendCommand());
program.addCommand(messagesCommand());
program.addCommand(measuresCommand());
program.addCommand(showCommand());
program.addCommand(deadLettersCommand());
program.addCommand(streamCommand());
program.addCommand(reproduceCommand());
program.addCommand(doctorCommand());
program.addCommand(migrateCommand());
program.addCommand(keysCommand());
program.addCommand(simulateCommand());
program.addCommand(startCommand());
program.addCommand(completionCommand());

try {
  await program.parseAsync();
} catch (error) {
  // A mistake of the person at the keyboard needs no stack; anything else does.
  process.stderr.write(
    `${isBelayError(error) ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
