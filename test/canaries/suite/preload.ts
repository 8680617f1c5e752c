/**
 * Loaded before everything else into every process and thread of `npm run canaries`: writes down the secrets that are made there, keeps what is said, and moves what is
 * deleted aside, so that it can be searched.
 *
 * @module
 */
import crypto from "node:crypto";
import fs from "node:fs";
import { registerHooks, syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve, sep } from "node:path";
import { inspect } from "node:util";
import { isMainThread, threadId } from "node:worker_threads";
import { directoryVariable, instrument, secretModule, SeenBook } from "./watch-secrets.ts";

const directory = process.env[directoryVariable];
if (directory !== undefined) begin(directory);

function begin(root: string): void {
  const book = new SeenBook(root);
  book.watch();
  watchModules();
  watchRandom(book);
  keepWhatIsSaid(root);
  keepWhatIsDeleted(root);
  syncBuiltinESMExports();
}

function watchModules(): void {
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      return secretModule.test(url) ? { ...loaded, source: instrument(textOf(loaded.source)) } : loaded;
    },
  });
}

/** Keys, sessions, links and verifiers are made of 32 random bytes and more; what is shorter are ids, salts and nonces. */
function watchRandom(book: SeenBook): void {
  const shortest = 32;
  const randomBytes = crypto.randomBytes.bind(crypto) as (...given: unknown[]) => unknown;
  Reflect.set(crypto, "randomBytes", (...given: unknown[]): unknown => {
    const made = randomBytes(...given);
    if (made instanceof Buffer && made.length >= shortest) book.add("bytes", made.toString("hex"));
    return made;
  });
  const { webcrypto } = crypto;
  const getRandomValues = webcrypto.getRandomValues.bind(webcrypto) as (array: ArrayBufferView) => ArrayBufferView;
  Reflect.set(webcrypto, "getRandomValues", (array: ArrayBufferView): ArrayBufferView => {
    const made = getRandomValues(array);
    const bytes = Buffer.from(made.buffer, made.byteOffset, made.byteLength);
    if (bytes.length >= shortest && bytes.length <= 64) book.add("bytes", bytes.toString("hex"));
    return made;
  });
}

/** Whatever is written to standard output and standard error, by streams and by loggers that write to the descriptors; and what a process dies of. */
function keepWhatIsSaid(root: string): void {
  const folder = join(root, "said");
  fs.mkdirSync(folder, { recursive: true });
  const file = fs.openSync(join(folder, `${process.pid}-${threadId}.log`), "a");
  const { write, writeSync } = fs;
  const keep = (chunk: unknown): void => {
    if (typeof chunk === "string" || chunk instanceof Uint8Array) writeSync(file, Buffer.from(chunk));
  };
  const isOutput = (descriptor: unknown): boolean => descriptor === 1 || descriptor === 2;
  for (const [name, real] of [
    ["write", write],
    ["writeSync", writeSync],
  ] as const) {
    Reflect.set(fs, name, (...given: unknown[]): unknown => {
      if (isOutput(given[0])) keep(given[1]);
      return Reflect.apply(real, fs, given) as unknown;
    });
  }
  for (const output of [process.stdout, process.stderr]) {
    const real = output.write.bind(output) as (...given: unknown[]) => boolean;
    Reflect.set(output, "write", (...given: unknown[]): boolean => {
      keep(given[0]);
      return real(...given);
    });
  }
  // What a thread dies of is given to the thread that began it, and said by nobody else.
  if (isMainThread) process.on("uncaughtExceptionMonitor", (error) => keep(`${inspect(error, { depth: 6 })}\n`));
}

/** Folders below the one for temporary files are moved aside in the place of being deleted: to whoever deletes them they are gone. */
function keepWhatIsDeleted(root: string): void {
  const kept = join(root, "kept");
  fs.mkdirSync(kept, { recursive: true });
  const below = `${resolve(tmpdir())}${sep}`;
  const isBelow = (path: unknown): path is string => typeof path === "string" && resolve(path).startsWith(below);
  let moved = 0;
  const moveAside = (path: unknown): boolean => {
    if (!isBelow(path) || !fs.existsSync(path)) return false;
    fs.renameSync(path, join(kept, `${process.pid}-${threadId}-${moved++}-${basename(path)}`));
    return true;
  };
  const { rmSync } = fs;
  const { rm } = fs.promises;
  Reflect.set(fs, "rmSync", (...given: unknown[]): void => {
    if (!moveAside(given[0])) Reflect.apply(rmSync, fs, given);
  });
  Reflect.set(fs.promises, "rm", async (...given: unknown[]): Promise<void> => {
    if (!moveAside(given[0])) await (Reflect.apply(rm, fs.promises, given) as Promise<void>);
  });
}

function textOf(source: unknown): string {
  return typeof source === "string" ? source : Buffer.from(source as Uint8Array).toString();
}
