import { BelayError } from "@belay/sdk";
import { Command } from "commander";

interface InitOptions {
  readonly template?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** `belay init`: writes a new project, as `npm create belay` does. */
export function initCommand(): Command {
  return new Command("init")
    .description("Write a small project into a new or empty folder: a configuration, a connector, a flow and its test.")
    .argument("[folder]", "where; asked for unless given")
    .option("--template <name>", "what it begins with: example or empty")
    .option("-y, --yes", "ask nothing and take the defaults")
    .option("--json", "say what was written as one line of JSON")
    .action(async (folder: string | undefined, options: InitOptions) => {
      const { askForProject, createProject, describeProject } = await import("create-belay");
      const project = await createProject(await askForProject({ folder, ...options }));
      if (!project.ok) throw new BelayError(project.code, project.problem);
      process.stdout.write(options.json ? `${JSON.stringify(project)}\n` : describeProject(project));
    });
}
