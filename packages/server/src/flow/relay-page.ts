import { isBelayError } from "@belay/sdk";
import type { OpenWalk } from "../syncs/index.ts";
import type { Logger } from "../telemetry/index.ts";
import { toRefusal } from "./known-connections.ts";
import type { PageRead, PageTaken } from "./protocol.ts";

/** Gives a page that a thread has read to the walk that it is of, and tells the thread what became of it. */
export function relayPage(
  walk: OpenWalk | undefined,
  { request, page }: PageRead,
  logger: Logger,
  answer: (taken: PageTaken) => void,
): void {
  if (walk === undefined) {
    answer({ request, error: { code: "LEASE_LOST", text: "The run has ended.", retry: "backoff", waits: false } });
    return;
  }
  walk.take(page).then(
    (kept) => answer({ request, answer: kept }),
    (error: unknown) => {
      if (!isBelayError(error)) logger.warn({ error }, "A page of a walk could not be kept; it is read again.");
      answer({ request, error: isBelayError(error) ? toRefusal(error) : unkept });
    },
  );
}

const unkept = { code: "SYNC_PAGE_UNKEPT", text: "A page of records could not be kept.", retry: "backoff", waits: false } as const;
