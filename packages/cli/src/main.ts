#!/usr/bin/env -S node --max-semi-space-size=16 --heap-growing-percent=75
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

const oldestNode = 24;

try {
  // Before any command is loaded: an older Node fails in the middle of one, with a stack that says nothing of its age.
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    process.stderr.write(
      `Belay needs Node ${oldestNode}, and this is Node ${process.versions.node}. With npx in your project's folder it comes along; else put Node ${oldestNode} first on PATH.\n`,
    );
    process.exit(1);
  }
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
  const { visible } = await import("./inspecting/visible.ts");
  // A mistake of the person at the keyboard needs no stack; anything else does.
  process.stderr.write(
    `${isBelayError(error) ? visible(`${error.code}: ${error.message}`) : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
