import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "@belay/sdk";
import type { ModuleGraph } from "./module-graph.ts";
import { placeOfError } from "./place-of-error.ts";
import { FileWatch } from "./watch-files.ts";

export interface ReloadParts {
  /** Knows the files of the configuration, which has been loaded once. */
  readonly graph: ModuleGraph;
  /** Names of files are told relative to it. */
  readonly folder: string;
  readonly load: (url: string) => Promise<Config>;
  /** Lets the configuration run. What it throws leaves the one before running. Resolves with what else is to be said. */
  readonly apply: (config: Config, url: string) => Promise<string | undefined>;
  readonly say: (line: string) => void;
}

/**
 * Runs a configuration anew whenever one of its files changes, until it is disposed of. When the change cannot be run, the configuration before goes on, and
 * the error is told with file and line, once.
 */
export function reloadOnChange({ graph, folder, load, apply, say }: ReloadParts): Disposable {
  let queue = Promise.resolve();
  let failed: string | undefined;
  const watch = new FileWatch(() => {
    // One after another: a change during a reload waits for its end.
    queue = queue.then(reload);
  });

  async function reload(): Promise<void> {
    const changes = watch.takeChanges();
    if (changes.length === 0 && failed === undefined) return;
    const startedAt = performance.now();
    // Of what failed to load nobody knows which modules were kept, and what it lacked may be a file that was not there.
    graph.invalidate(failed === undefined ? changes : graph.files);
    const names = changes.map((file) => relative(folder, fileURLToPath(file))).join(", ");
    try {
      const note = await apply(await load(graph.url), graph.url);
      failed = undefined;
      const tookMs = Math.round(performance.now() - startedAt);
      say(`reloaded in ${tookMs} ms${names === "" ? "" : `: ${names}`}${note === undefined ? "" : `; ${note}`}`);
    } catch (error) {
      const place = placeOfError(error, folder);
      // Behind "could not be imported" is what is wrong in the file.
      const reason = messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
      const problem = `not reloaded, what ran before goes on: ${place === undefined || reason.includes(place) ? "" : `${place}: `}${reason}`;
      if (problem !== failed) say(problem);
      failed = problem;
    }
    watch.add(graph.files);
  }

  watch.add(graph.files);
  return watch;
}

/** Without the mark by which a file is loaded anew: the reader never wrote it. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\?belay=\d+/g, "");
}
