import type { FailureClass, FailureOwner, Recovery, Register } from "@belay/sdk";
import type { ExplainedAction } from "./explain-failure.ts";
import type { Story } from "./read-story.ts";

/** How one message stands, in the words of one reader. */
export interface ToldFailure {
  readonly id: number;
  readonly tenant: string;
  readonly state: Story["message"]["state"];
  readonly register: Register;
  readonly happened: string;
  /** `null` where nothing is to be done. */
  readonly remedy: string | null;
  readonly class: FailureClass | null;
  readonly title: string | null;
  readonly owner: FailureOwner | null;
  readonly recovery: Recovery | null;
  /** Those that this reader can do. */
  readonly actions: readonly ExplainedAction[];
  /** The last three are for support and engineers only. */
  readonly code: string | null;
  readonly meaning: string | null;
  readonly error: string | null;
}

const withoutFailure = {
  waiting: "It waits for its turn.",
  parked: "It waits until an earlier change of the same record is through.",
  dead: "It waits for a person.",
  delivered: "It is done.",
  superseded: "It was left out, because something newer had been done already.",
  discarded: "It was given up.",
} as const satisfies Readonly<Record<Story["message"]["state"], string>>;

const mayDo: Readonly<Record<Register, readonly FailureOwner[]>> = {
  tenant: ["tenant"],
  support: ["tenant", "support"],
  engineer: ["tenant", "support", "engineer", "operator"],
};

/** Tells what is wrong with a message to one kind of reader. A tenant gets plain words: no code, no error text, no name of ours. */
export function tellFailure({ message, explanation }: Story, register: Register): ToldFailure {
  const { id, tenant, state } = message;
  const whose = { id, tenant, state, register };
  if (explanation === null) {
    const nothing = { class: null, title: null, owner: null, recovery: null, code: null, meaning: null, error: null };
    return { ...whose, happened: withoutFailure[state], remedy: null, actions: [], ...nothing };
  }
  const { class: name, title, owner, recovery, code, meaning, texts, actions } = explanation;
  const inside = register === "tenant" ? { code: null, meaning: null, error: null } : { code, meaning, error: message.error };
  return {
    ...whose,
    ...texts[register],
    class: name,
    title,
    owner,
    recovery,
    // What can be done about a message that has been given up is nothing.
    actions: state === "discarded" ? [] : actions.filter(({ who }) => mayDo[register].includes(who)),
    ...inside,
  };
}
