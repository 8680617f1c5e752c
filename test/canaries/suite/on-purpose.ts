import type { Leak } from "./search.ts";

interface Purpose {
  readonly why: string;
  readonly fits: (leak: Leak) => boolean;
}

/** What stands somewhere because a test, or its tool, puts it there; anything else is a leak. */
const purposes: readonly Purpose[] = [
  {
    why: "A token of a test of renewals, in words that stand in the names of tests too.",
    fits: ({ value }) => value === "from the configuration",
  },
  {
    why: "`belay simulate` says what opens the accounts that it has just made up: without it nobody could use them.",
    fits: ({ file, around }) => file.startsWith("said/") && around.includes("http://127.0.0.1:") && /\bsim_[\w-]{20}/.test(around),
  },
];

export function isOnPurpose(leak: Leak): boolean {
  return purposes.some(({ fits }) => fits(leak));
}
