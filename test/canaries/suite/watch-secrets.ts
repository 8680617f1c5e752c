import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";

/** Where the command keeps what it searches; set for the processes that it starts, and for theirs. */
export const directoryVariable = "BELAY_CANARIES";

/** What `instrument` calls. */
const hook = Symbol.for("belay.canaries.saw");

/** The module of secrets, from source or as it is published. */
export const secretModule = /\/sdk\/(?:src|dist)\/secret\.[tj]s$/;

/**
 * The module of secrets with one more line: every value that a secret is made of is shown to who watches. Only in what this command runs; nothing of it ships.
 *
 * @throws when there is no such place any more: a command that watches nothing would find nothing.
 */
export function instrument(source: string): string {
  const place = "this.#value = value;";
  if (!source.includes(place)) throw new Error("The constructor of Secret is another one: mend test/canaries/suite/watch-secrets.ts.");
  return source.replace(place, `${place} globalThis[Symbol.for("${Symbol.keyFor(hook)}")]?.(value);`);
}

/** Writes down what one thread sees, each value once, in a file of its own. */
export class SeenBook {
  readonly #file: string;
  readonly #seen = new Set<string>();

  constructor(directory: string) {
    const folder = join(directory, "seen");
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, `${process.pid}-${threadId}.jsonl`);
  }

  /** `kind`: a text, or the hexadecimal digits of random bytes. */
  add(kind: "text" | "bytes", value: string): void {
    const line = JSON.stringify([kind, value]);
    if (this.#seen.has(line)) return;
    this.#seen.add(line);
    appendFileSync(this.#file, `${line}\n`);
  }

  /** From now on every secret that is made in this thread is written down. */
  watch(): void {
    Reflect.set(globalThis, hook, (value: unknown) => {
      if (typeof value === "string") this.add("text", value);
    });
  }
}
