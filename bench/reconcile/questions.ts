/** What Belay is asked to do in the benchmark of reconciliation. */
export type Question = { readonly ask: "walk" | "compare" } | { readonly ask: "repair"; readonly id: number };

/** What a comparison says. */
export interface Compared {
  readonly id: number;
  readonly state: string;
  readonly compared: number;
  readonly windows: number;
  readonly windowsEqual: number;
  /** External ids and the classes that they were named by. */
  readonly discrepancies: readonly (readonly [string, string])[];
}
