import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A server that `belay dev` runs, as it tells other commands in the same folder. */
export interface RunningServer {
  readonly url: string;
  readonly token: string;
  /** URL of the configuration. */
  readonly config: string;
  /** Set when all its providers are simulated with this seed. */
  readonly simulatedSeed?: number;
}

const file = (folder: string): string => join(resolve(folder, ".belay"), "dev.json");

/** Leaves a note for other commands in `.belay/dev.json`, readable by its owner only because the token is in it. Disposed of, it takes back its own note, no newer one. */
export function announceServer(server: RunningServer, folder = "."): Disposable {
  const path = file(folder);
  const note = `${JSON.stringify({ ...server, pid: process.pid })}\n`;
  mkdirSync(resolve(folder, ".belay"), { recursive: true });
  writeFileSync(join(resolve(folder, ".belay"), ".gitignore"), "*\n");
  // Written anew, so that the mode holds also where a note lies already.
  rmSync(path, { force: true });
  writeFileSync(path, note, { mode: 0o600 });
  return {
    [Symbol.dispose]: () => {
      if (readNote(path) === note) rmSync(path, { force: true });
    },
  };
}

/** The server that `belay dev` runs from this folder, as far as its note says: it may have been killed. */
export function findRunningServer(folder = "."): RunningServer | undefined {
  const text = readNote(file(folder));
  if (text === undefined) return undefined;
  const note: unknown = JSON.parse(text);
  const member = (name: string): unknown => (typeof note === "object" && note !== null ? Reflect.get(note, name) : undefined);
  const [url, token, config, seed] = [member("url"), member("token"), member("config"), member("simulatedSeed")];
  if (typeof url !== "string" || typeof token !== "string" || typeof config !== "string") return undefined;
  return { url, token, config, ...(typeof seed === "number" && { simulatedSeed: seed }) };
}

function readNote(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // nothing runs here, which the caller says
  }
}
