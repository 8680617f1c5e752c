import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { invalidOption } from "./read-option.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A new master key, as `BELAY_MASTER_KEY` takes it. Named by the day it was made, so that a list of several reads well. */
export function newMasterKey(now: Date = new Date()): string {
  return `${now.toISOString().slice(0, 10)}-${randomBytes(2).toString("hex")}:${randomBytes(32).toString("base64")}`;
}

/** The master keys of `BELAY_MASTER_KEY`, or of the file that `BELAY_MASTER_KEY_FILE` names. @throws `CLI_OPTION_INVALID` saying how to make one. */
export function readMasterKey(environment: Environment): string {
  const keys = fromEnvironment(environment);
  if (keys !== undefined) return keys;
  throw invalidOption(
    "BELAY_MASTER_KEY",
    "must be set, or BELAY_MASTER_KEY_FILE to a file with it: what is stored is encrypted under it. belay keys new-master prints one; keep a copy in a safe place, because without it nothing can be read again.",
  );
}

/**
 * The master key of `belay dev`: of the environment; otherwise one in a file beside the data, which is made, readable by its owner only, when there is none yet; or a drawn one
 * for data that is in memory.
 *
 * @returns the key, and the file that was made for it now.
 */
export function developmentMasterKey(environment: Environment, dataFolder: string | undefined): { masterKey: string; madeAt?: string } {
  const given = fromEnvironment(environment);
  if (given !== undefined) return { masterKey: given };
  if (dataFolder === undefined) return { masterKey: newMasterKey() };
  const path = `${dataFolder}.master-key`;
  const masterKey = newMasterKey();
  try {
    mkdirSync(dirname(path), { recursive: true });
    // Only where there is none: another one would make what lies there unreadable.
    writeFileSync(path, `${masterKey}\n`, { mode: 0o600, flag: "wx" });
    return { masterKey, madeAt: path };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    return { masterKey: readFileSync(path, "utf8") };
  }
}

function fromEnvironment({ BELAY_MASTER_KEY: keys, BELAY_MASTER_KEY_FILE: file }: Environment): string | undefined {
  if (keys !== undefined && keys.trim() !== "") return keys;
  if (file === undefined || file === "") return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "no file";
    throw invalidOption("BELAY_MASTER_KEY_FILE", `cannot be read (${reason}): "${file}".`);
  }
}
