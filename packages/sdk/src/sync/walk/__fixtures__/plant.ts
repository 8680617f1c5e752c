import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** A slip in one of the sources: `find` is there exactly once. */
export interface Slip {
  /** Below the SDK's `src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const source = new URL("../../../", import.meta.url);

/** What the walk needs, and nothing that needs more. */
const folders = ["sync/walk", "sync/changes", "sync/deletes", "sync/source"];
const files = ["connector/value-at.ts", "duration.ts", "errors/belay-error.ts", "errors/failure-classes.ts", "sync/external-id.ts"];

/** Runs with the walk as it would be with these slips in it: a copy of its sources, which is gone afterwards. */
export async function withPlanted<Result>(slips: readonly Slip[], run: (module: object) => Result | Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), "walk-"));
  try {
    const listed = await Promise.all(
      folders.map(async (folder) =>
        (await readdir(new URL(folder, source))).filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name}`),
      ),
    );
    for (const file of [...listed.flat().filter((name) => !name.endsWith(".test.ts")), ...files]) {
      let text = await readFile(new URL(file, source), "utf8");
      for (const slip of slips.filter((one) => one.file === file)) {
        if (text.split(slip.find).length !== 2) throw new Error(`${file} does not have exactly one: ${slip.find}`);
        text = text.replace(slip.find, () => slip.replace);
      }
      const target = join(directory, file.replace(/\.ts$/, ".mjs"));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, stripTypeScriptTypes(text).replaceAll(/(from "\.[^"]+)\.ts"/g, '$1.mjs"'));
    }
    return await run((await import(/* @vite-ignore */ pathToFileURL(join(directory, "sync/walk/index.mjs")).href)) as object);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
