import type { SequentialModel } from "./check-linearizable.ts";

/** What workers, commits and time do to one mailbox. */
export type LeaseInput =
  | { readonly kind: "wake" }
  | { readonly kind: "claim" }
  | { readonly kind: "extend"; readonly token: number }
  | { readonly kind: "hand-back"; readonly token: number; readonly more: boolean }
  /** The lease's time is over. */
  | { readonly kind: "expire" };

export type LeaseOutput =
  | { readonly kind: "done" }
  | { readonly kind: "claimed"; readonly token: number; readonly takenOver: boolean }
  | { readonly kind: "nothing-due" }
  | { readonly kind: "held" }
  /** Not given back, because more had come: leased anew under this token. */
  | { readonly kind: "kept"; readonly token: number }
  | { readonly kind: "lost" };

interface LeaseState {
  readonly exists: boolean;
  readonly leased: boolean;
  /** There is work, or the lease has run out. */
  readonly due: boolean;
  /** More came while it was leased. */
  readonly again: boolean;
  readonly token: number;
}

/** A mailbox's lease, one call after the other. */
export const leaseModel: SequentialModel<LeaseState, LeaseInput, LeaseOutput> = {
  initial: { exists: false, leased: false, due: false, again: false, token: 0 },
  step(state, input, output, alone) {
    switch (input.kind) {
      case "wake":
        return state.leased ? { ...state, again: true } : { ...state, exists: true, due: true };
      case "expire":
        return state.leased ? { ...state, due: true } : state;
      case "claim":
        if (output.kind === "nothing-due") {
          // It passes over rows that somebody else has locked at the moment.
          return !state.due || !alone ? state : undefined;
        }
        if (output.kind !== "claimed" || !state.due) return undefined;
        if (output.token !== state.token + 1 || output.takenOver !== state.leased) return undefined;
        return { ...state, leased: true, due: false, again: false, token: output.token };
      case "extend":
      case "hand-back": {
        const holds = state.leased && state.token === input.token;
        if (!holds) return output.kind === "lost" ? state : undefined;
        if (input.kind === "extend") return output.kind === "held" ? { ...state, due: false } : undefined;
        if (state.again && !input.more) {
          if (output.kind !== "kept" || output.token !== state.token + 1) return undefined;
          return { ...state, due: false, again: false, token: output.token };
        }
        return output.kind === "held" ? { ...state, leased: false, due: input.more, again: input.more } : undefined;
      }
    }
  },
};
