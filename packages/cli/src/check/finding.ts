/** What `belay check` found; `file:line` leads an editor there. */
export interface Finding {
  readonly check: "types" | "definitions" | "network" | "secrets";
  /** Relative to the folder of the configuration. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly problem: string;
  readonly remedy?: string;
}

/** A check that could not be made, and why. */
export interface Skipped {
  readonly check: Finding["check"];
  readonly why: string;
}
