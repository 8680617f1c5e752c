import { cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { isTemplate, templates } from "./templates.ts";
import type { TemplateName } from "./templates.ts";

export interface ProjectChoice {
  /** Where the project goes; `.` is the current folder. It may exist when it is empty, or holds nothing but `.git`. */
  readonly folder: string;
  /** Default `example`. */
  readonly template?: string;
}

export interface CreatedProject {
  readonly ok: true;
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly template: TemplateName;
  /** Relative to the folder, sorted. */
  readonly files: readonly string[];
}

/** A result and no error: this package has no other beside it whose error it could be. */
export interface ProjectRefused {
  readonly ok: false;
  readonly code: "CLI_PROJECT_EXISTS" | "CLI_OPTION_INVALID";
  /** What is wrong and what to do. */
  readonly problem: string;
}

const templateFolder = new URL("../template/", import.meta.url).pathname;

/** npm leaves these out of a package or reads them in it, under their own names. */
const renamed: Readonly<Record<string, string>> = { _gitignore: ".gitignore", _npmrc: ".npmrc" };

/**
 * Writes a project. Nothing is installed and nothing is overwritten: calling it twice is refused the second time.
 *
 * @throws the file system's own error.
 */
export async function createProject({ folder, template = "example" }: ProjectChoice): Promise<CreatedProject | ProjectRefused> {
  if (!isTemplate(template)) {
    const known = Object.keys(templates).join(", ");
    return { ok: false, code: "CLI_OPTION_INVALID", problem: `--template takes one of ${known}; this was "${template}".` };
  }
  const target = resolve(folder);
  const name = basename(target);
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) {
    const problem = `"${name}" cannot be the name of a package: use lower-case letters, digits and dashes.`;
    return { ok: false, code: "CLI_OPTION_INVALID", problem };
  }
  const there = (await filesIn(target)).filter((file) => file !== ".git");
  if (there.length > 0) {
    const some = there.slice(0, 3).join(", ");
    const problem = `${target} is not empty: there is ${some}${there.length > 3 ? ", …" : ""}. Choose another folder; nothing was changed.`;
    return { ok: false, code: "CLI_PROJECT_EXISTS", problem };
  }
  await mkdir(target, { recursive: true });
  for (const source of ["shared", template]) await cp(join(templateFolder, source), target, { recursive: true, force: false });
  for (const [from, to] of Object.entries(renamed)) await rename(join(target, from), join(target, to));
  for (const file of ["package.json", "README.md"]) await nameAfter(name, join(target, file));
  const files = (await readdir(target, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
    .filter((file) => !file.startsWith(".git/"));
  return { ok: true, folder: target, name, template, files: files.sort() };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

async function nameAfter(name: string, file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("my-integrations", name));
}
