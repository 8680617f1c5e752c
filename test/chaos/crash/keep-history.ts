import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes each list as a file of JSON lines, so that it can be searched. */
export function keepHistory(folder: string, lists: Readonly<Record<string, readonly unknown[]>>): void {
  for (const [name, list] of Object.entries(lists)) {
    writeFileSync(join(folder, `${name}.jsonl`), list.map((item) => `${JSON.stringify(item)}\n`).join(""));
  }
}
