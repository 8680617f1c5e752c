import { execFileSync } from "node:child_process";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** What property tests draw their inputs by, see `properties.ts` beside this file. */
    propertySeed: number;
  }
}

/**
 * One seed for the properties of a run. It comes from what is committed: a run can be repeated, a failure is that of the change, and the next change looks elsewhere.
 * `PROPERTY_SEED`, a number or `random`, looks further.
 */
export default function setup(project: TestProject): void {
  const { PROPERTY_SEED: given } = process.env;
  const seed =
    given === undefined
      ? Number.parseInt(committedTree().slice(0, 7), 16)
      : given === "random"
        ? Math.floor(Math.random() * 2 ** 31)
        : Number(given);
  if (!Number.isSafeInteger(seed)) throw new Error(`PROPERTY_SEED is "${given}"; give a whole number, or "random".`);
  project.provide("propertySeed", seed);
}

/** What git calls it, in hexadecimal digits. */
function committedTree(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD^{tree}"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 10_000 });
  } catch {
    return "0"; // an archive, without git
  }
}
