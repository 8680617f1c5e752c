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
];

export function isOnPurpose(leak: Leak): boolean {
  return purposes.some(({ fits }) => fits(leak));
}
