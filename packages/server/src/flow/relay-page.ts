import { isBelayError } from "@belay/sdk";
import type { Logger } from "../telemetry/index.ts";
import { toRefusal } from "./known-connections.ts";
import type { OpenWork } from "./open-work.ts";
import type { PageRead, PageTaken } from "./protocol.ts";

/** Gives what a thread tells to the work that it is of, a page to its walk, and tells the thread what became of it. */
export function relayPage(
  work: OpenWork | undefined,
  { request, page }: PageRead,
  logger: Logger,
  answer: (taken: PageTaken) => void,
): void {
  if (work === undefined) {
    answer({ request, error: { code: "LEASE_LOST", text: "The run has ended.", retry: "backoff", waits: false } });
    return;
  }
  work.take(page).then(
    (kept) => answer({ request, answer: kept }),
    (error: unknown) => {
      if (!isBelayError(error)) logger.warn({ error }, "What a thread told could not be kept; its work is done again.");
      answer({ request, error: isBelayError(error) ? toRefusal(error) : unkept });
    },
  );
}

const unkept = { code: "SYNC_PAGE_UNKEPT", text: "A page of records could not be kept.", retry: "backoff", waits: false } as const;
