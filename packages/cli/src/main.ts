#!/usr/bin/env -S node --max-semi-space-size=16
/**
 * The `belay` command. One file per command in `commands/`.
 *
 * @module
 */
import { Command } from "commander";
import { commands } from "./commands.ts";

const program = new Command("belay").description("Integrations that hold in production.").showHelpAfterError();
const [first, second] = process.argv.slice(2);
const asked = first === "help" ? second : first;

try {
  for (const { name, takes = [], does, load } of commands) {
    // Completion tells of all of them.
    const wanted = asked === name || asked === "completion";
    const command = wanted ? await load() : new Command(name).description(does);
    if (!wanted) for (const argument of takes) command.argument(argument);
    program.addCommand(command);
  }
  await program.parseAsync();
} catch (error) {
  const { isBelayError } = await import("@belay/sdk");
  // A mistake of the person at the keyboard needs no stack; anything else does.
  process.stderr.write(
    `${isBelayError(error) ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
