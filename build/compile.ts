import { execFile } from "node:child_process";
import { cp, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** The root of the repository. */
export const root = new URL("../", import.meta.url).pathname;
const compiled = join(root, "dist/compiled");
const run = promisify(execFile);

/**
 * Compiles all packages in one go into `dist/compiled`, where they lie as in the repository.
 *
 * @throws with the compiler's words when the types are wrong.
 */
export async function compile(): Promise<void> {
  await rm(compiled, { recursive: true, force: true });
  try {
    await run("tsc", ["-p", join(root, "build/tsconfig.json")], { cwd: root, maxBuffer: 16 << 20 });
  } catch (error) {
    throw new Error(`The packages do not compile:\n${String(Reflect.get(Object(error), "stdout"))}`, { cause: error });
  }
  for await (const file of glob("**/*.d.ts", { cwd: compiled })) await nameCompiledFiles(join(compiled, file));
}

/** The compiler rewrites imports in code, but not in declarations, and `.ts` beside a `.d.ts` is nothing that every tool finds. */
async function nameCompiledFiles(path: string): Promise<void> {
  const text = await readFile(path, "utf8");
  const rewritten = text.replaceAll(/((?:from|import)\s*\(?\s*["']\.{1,2}\/[^"']+)\.ts(?=["'])/g, "$1.js");
  if (rewritten !== text) await writeFile(path, rewritten);
}

/** Copies a package's compiled code, and what is no code but read at run time, to `target`. `sources` is relative to the root. */
export async function copyCompiled(sources: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await cp(join(compiled, sources), target, { recursive: true });
  for await (const file of glob("**/migrations/*.sql", { cwd: join(root, sources) })) {
    await mkdir(join(target, dirname(file)), { recursive: true });
    await cp(join(root, sources, file), join(target, file));
  }
}
