import { createInterface } from "node:readline/promises";
import { templates } from "./templates.ts";

export interface ProjectAnswers {
  readonly folder: string;
  readonly template: string;
}

/** The console, or what stands for it. */
export interface AskPorts {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

const defaults = { folder: "my-integrations", template: "example" } as const;

/**
 * Asks for what was not given: two questions at most, none with `yes`, nor where nobody can answer. An empty answer takes the default.
 */
export async function askForProject(
  given: { readonly folder?: string | undefined; readonly template?: string | undefined; readonly yes?: boolean | undefined },
  { input, output }: AskPorts = { input: process.stdin, output: process.stderr },
): Promise<ProjectAnswers> {
  const { folder, template, yes = false } = given;
  if (yes || input.isTTY !== true || (folder !== undefined && template !== undefined))
    return { folder: folder ?? defaults.folder, template: template ?? defaults.template };
  const console = createInterface({ input, output });
  try {
    const ask = async (question: string, other: string): Promise<string> => {
      const answer = (await console.question(`${question} [${other}] `)).trim();
      return answer === "" ? other : answer;
    };
    const where = folder ?? (await ask("Folder of the project?", defaults.folder));
    if (template !== undefined) return { folder: where, template };
    for (const [name, what] of Object.entries(templates)) output.write(`  ${name.padEnd(8)} ${what}\n`);
    return { folder: where, template: await ask("Begin with which?", defaults.template) };
  } finally {
    console.close();
  }
}
