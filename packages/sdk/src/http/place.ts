import { after } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import type { Layer, OutboundRequest } from "./outbound.ts";
import type { Places } from "./places.ts";

/** Longer waits are the mailbox's business: so long a call may wait for others of its tenant to end. */
const longestWaitMs = 5_000;
/** When to come back after that. */
const againMs = 1_000;

/**
 * Lets an attempt begin when its tenant has a place at the origin. The wait counts neither as an attempt nor for its time limit: it says nothing about the provider but that its
 * answers take long.
 */
export function place(places: Places, key: string, clock: Clock): Layer {
  return (next) => async (request) => {
    if (!places.tryTake(key)) await waitForPlace(places, key, clock, request);
    try {
      return await next(request);
    } finally {
      places.leave(key);
    }
  };
}

async function waitForPlace(places: Places, key: string, clock: Clock, { label, signal, deadlineAt }: OutboundRequest): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const cleanUp: (() => void)[] = [];
    let isOver = false;
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      for (const clean of cleanUp) clean();
      settle();
    };
    const forget = places.wait(key, () => end(resolve));
    const giveUp = (error: unknown): void => {
      forget();
      end(() =>
        reject(error instanceof Error ? error : httpError("HTTP_ABORTED", `${label}: cancelled while it waited.`, { cause: error })),
      );
    };
    const onAbort = (): void => giveUp(signal?.reason);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    cleanUp.push(() => signal?.removeEventListener("abort", onAbort));
    cleanUp.push(
      after(clock, Math.max(0, Math.min(longestWaitMs, deadlineAt - clock.now())), () =>
        giveUp(
          httpError("HTTP_BUDGET_EXHAUSTED", `${label}: as many calls of its tenant are under way to this provider as may be.`, {
            retry: { afterMs: againMs },
            details: { waits: true, sent: false },
          }),
        ),
      ),
    );
  });
}
