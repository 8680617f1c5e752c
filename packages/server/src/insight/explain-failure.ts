import { httpErrors } from "@belay/sdk/http";
import type { Catalog } from "../catalog/index.ts";
import { flowErrors } from "../flow/index.ts";
import { quarantineErrors } from "../ingress/index.ts";

/** A failure in words. */
export interface Explanation {
  readonly code: string;
  /** What the code stands for. */
  readonly meaning: string;
  /** What a person can do about it. */
  readonly action: string;
}

const known: Readonly<Record<string, { readonly retry: unknown; readonly meaning: string }>> = {
  ...httpErrors,
  ...flowErrors,
  ...quarantineErrors,
};

const actions = {
  contract: "Mend the schema, or the flow's orderKey or version; deploy; then replay: the event is judged anew.",
  never: "Sending the same again would fail again: mend what the meaning names, then replay; or discard it.",
  later: "It was tried as often as the retry policy allows. When the cause is gone, replay: finished steps are not repeated.",
} as const;

/**
 * Explains why a message failed: by the error rows of the connector it was written to, then by Belay's own. A code that neither has is one that the flow's own code made
 * up; the error's text is then all there is.
 *
 * @param mailbox `<connection>/<lane>` of the target.
 */
export function explainFailure({ connections, connectors }: Catalog, code: string, mailbox: string): Explanation {
  const target = connections.get(mailbox.slice(0, mailbox.lastIndexOf("/")));
  const row = connectors.get(target?.connector ?? "")?.errors?.find((candidate) => candidate.code === code);
  const found = row ?? (Object.hasOwn(known, code) ? known[code] : undefined);
  if (found === undefined) {
    return {
      code,
      meaning: "The flow's own code gave this error; its text says more.",
      action: "Mend the flow and deploy it, then replay; or discard it.",
    };
  }
  const action = Object.hasOwn(quarantineErrors, code) ? actions.contract : found.retry === "never" ? actions.never : actions.later;
  return { code, meaning: found.meaning, action };
}
