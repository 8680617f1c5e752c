import { createHash } from "node:crypto";
import { readFileSync, watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Editors write in several steps; what comes within this time is one change. */
const settleMs = 40;

/**
 * Watches files by their folders, because many editors replace a file instead of writing to it. A file whose text is what it was has not changed.
 */
export class FileWatch implements Disposable {
  readonly #onChange: () => void;
  readonly #folders = new Map<string, FSWatcher>();
  /** Hash of the text by URL; empty when the file is not there. */
  readonly #known = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  /** `onChange` is called after something has happened to a module in one of the folders; then ask `takeChanges`. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Watches these files too, as URLs. Safe to call again with the same. */
  add(files: readonly string[]): void {
    for (const file of files) {
      if (!this.#known.has(file)) this.#known.set(file, hashOf(file));
      const folder = dirname(fileURLToPath(file));
      if (this.#folders.has(folder)) continue;
      const watcher = watch(folder, (_event, name) => {
        if (name !== null && !/\.([cm]?[jt]s|json)$/.test(name)) return;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(this.#onChange, settleMs);
      });
      // A folder that is removed takes its files with it, which shows when they are loaded.
      watcher.on("error", () => watcher.close());
      this.#folders.set(folder, watcher);
    }
  }

  /** The files whose text differs from what it was when this was asked before. */
  takeChanges(): readonly string[] {
    return [...this.#known].flatMap(([file, before]) => {
      const now = hashOf(file);
      this.#known.set(file, now);
      return now === before ? [] : [file];
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#folders.values()) watcher.close();
  }
}

function hashOf(file: string): string {
  try {
    return createHash("sha256")
      .update(readFileSync(fileURLToPath(file)))
      .digest("base64");
  } catch {
    return ""; // it is not there now: that is a change too
  }
}
