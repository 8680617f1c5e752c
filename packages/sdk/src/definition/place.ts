import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Where in the author's source a definition was made. */
export interface Place {
  /** Relative to the working directory where it lies below it. */
  readonly file: string;
  readonly line: number;
}

/**
 * Where `define` was called, from the stack. Type stripping keeps lines; for compiled code Node maps them when it runs with
 * `--enable-source-maps`. Undefined where there is no file, as in a browser or a `data:` module.
 */
export function placeOf(define: (...parameters: never[]) => unknown): Place | undefined {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, define);
  const frame = holder.stack?.split("\n").find((line) => /^\s+at /.test(line));
  const [, file, line] = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(frame ?? "") ?? [];
  if (file === undefined || line === undefined) return undefined;
  const path = file.startsWith("file:") ? fileURLToPath(file.replace(/\?.*$/, "")) : file;
  const near = relative(process.cwd(), path);
  return { file: near === "" || near.startsWith("..") ? path : near, line: Number(line) };
}
