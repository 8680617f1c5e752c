import { Command } from "commander";
import { completionScript, shells } from "../completion/completion-script.ts";
import { invalidOption } from "../read-option.ts";

/** `belay completion`: a script by which a shell completes commands and options. */
export function completionCommand(): Command {
  return new Command("completion")
    .description("Print a script that lets your shell complete commands and options.")
    .argument("<shell>", shells.join(", "))
    .addHelpText("after", '\nExample: eval "$(npx belay completion bash)"')
    .action((name: string, _options: unknown, command: Command) => {
      const shell = shells.find((known) => known === name);
      if (shell === undefined) throw invalidOption("<shell>", `takes one of ${shells.join(", ")}; this was "${name}".`);
      process.stdout.write(completionScript(shell, wordsOf(command.parent ?? command)));
    });
}

/** What can follow `belay`, read from the commands themselves, so that it cannot be out of date. */
function wordsOf(program: Command): { readonly name: string; readonly does: string; readonly options: readonly string[] }[] {
  return program.commands.map((command) => ({
    name: command.name(),
    does: command.description().split(/[.:]/)[0] ?? "",
    options: [...command.commands.map((sub) => sub.name()), ...command.options.flatMap(({ long }) => long ?? []), "--help"],
  }));
}
