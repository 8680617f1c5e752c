#!/usr/bin/env node
/**
 * `npm create belay [folder] [-- --yes --template <name> --json]`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { askForProject } from "./ask-for-project.ts";
import { createProject } from "./create-project.ts";
import { describeProject } from "./describe-project.ts";
import { templates } from "./templates.ts";

const usage = `Usage: npm create belay [folder] -- [options]

Writes a small project for Belay into a new or empty folder.

Options:
  --template <name>  ${Object.entries(templates)
    .map(([name, what]) => `${name}: ${what}`)
    .join("\n                     ")}
  --yes              asks nothing and takes the defaults
  --json             says what was written as one line of JSON
  --help             shows this
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      template: { type: "string" },
      yes: { type: "boolean", short: "y" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const answers = await askForProject({ folder: positionals[0], template: values.template, yes: values.yes });
  const project = await createProject(answers);
  if (!project.ok) {
    process.stderr.write(`${project.code}: ${project.problem}\n`);
    return 1;
  }
  process.stdout.write(values.json === true ? `${JSON.stringify(project)}\n` : describeProject(project));
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
