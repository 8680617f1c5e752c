/** What one look has found. */
export interface Finding {
  readonly what: string;
  /** `wrong` needs a person; `note` is worth knowing. */
  readonly verdict: "well" | "note" | "wrong";
  readonly found: string;
  /** How to mend it; only where something is wrong or worth knowing. */
  readonly remedy?: string;
}

export function well(what: string, found: string): Finding {
  return { what, verdict: "well", found };
}

export function note(what: string, found: string, remedy: string): Finding {
  return { what, verdict: "note", found, remedy };
}

export function wrong(what: string, found: string, remedy: string): Finding {
  return { what, verdict: "wrong", found, remedy };
}
