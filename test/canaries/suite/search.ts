import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { Finder } from "./find-needles.ts";
import { readNeedles } from "./forms.ts";
import { isOnPurpose } from "./on-purpose.ts";

/** One value in one file. */
export interface Leak {
  readonly file: string;
  readonly form: string;
  readonly value: string;
  readonly around: string;
}

export interface Searched {
  readonly values: number;
  readonly files: number;
  readonly bytes: number;
  readonly leaks: readonly Leak[];
  /** Values that stand somewhere because a test puts them there. */
  readonly onPurpose: number;
}

/** Looks for everything that was seen in everything that was kept. */
export function search(directory: string): Searched {
  const needles = readNeedles(directory);
  const finder = new Finder(needles);
  const files = globSync("{said,tmp,kept}/**/*", { cwd: directory }).filter((file) =>
    statSync(join(directory, file), { throwIfNoEntry: false })?.isFile(),
  );
  const leaks = new Map<string, Leak>();
  const meant = new Set<string>();
  let bytes = 0;
  for (const file of files) {
    const { found, bytes: read } = finder.findInFile(join(directory, file));
    bytes += read;
    for (const { needle, around } of found) {
      const leak = { file, form: needle.form, value: needle.value, around };
      const key = `${needle.value} ${placeOf(file)}`;
      if (isOnPurpose(leak)) meant.add(key);
      else if (!leaks.has(key)) leaks.set(key, leak);
    }
  }
  return {
    values: new Set(needles.map(({ value }) => value)).size,
    files: files.length,
    bytes,
    leaks: [...leaks.values()],
    onPurpose: meant.size,
  };
}

/** Files of the same kind: what is in one database file is in the log of its transactions as well. */
function placeOf(file: string): string {
  return file.replaceAll(/\d+/g, "#");
}
