import type { Limit } from "../connector/types.ts";
import type { Budget, ParsedLimit } from "./budget.ts";
import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import { usedUpUntil } from "./limit-headers.ts";
import { headerOf } from "./outbound.ts";
import type { Layer, OutboundRequest } from "./outbound.ts";
import { pause } from "./pause.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** Longer waits are the mailbox's business. */
const longestWaitMs = 1_000;

/**
 * Takes each attempt out of the connection's budget; waits up to a second for room. A 429 that says when, or an answer whose declared
 * headers say that nothing remains, blocks the whole connection until then, so that the others need not learn it each by a 429 of
 * their own.
 */
export function rateBudget(
  budget: Budget,
  connection: string,
  limits: readonly ParsedLimit[],
  clock: Clock,
  declared: readonly Limit[] = [],
): Layer {
  const refusals = new Set([429, ...declared.flatMap(({ refusal }) => refusal ?? [])]);
  const waitForRoom = async (request: OutboundRequest): Promise<void> => {
    const giveUpAt = Math.min(clock.now() + longestWaitMs, request.deadlineAt);
    for (;;) {
      const now = clock.now();
      const answer = budget.take(connection, limits, now);
      const grant = answer instanceof Promise ? await answer : answer;
      if (grant.granted) return;
      if (now + grant.afterMs > giveUpAt) {
        throw httpError("HTTP_BUDGET_EXHAUSTED", `${request.label}: the provider's rate limit is used up.`, {
          retry: { afterMs: grant.afterMs },
          details: { waits: true },
        });
      }
      await pause(clock, grant.afterMs, request);
    }
  };
  return (next) => async (request) => {
    await waitForRoom(request);
    try {
      const response = await next(request);
      const now = clock.now();
      const afterMs = refusals.has(response.status) ? parseRetryAfter(headerOf(response, "retry-after"), now) : undefined;
      const until = Math.max(afterMs === undefined ? 0 : now + afterMs, usedUpUntil(declared, response, now) ?? 0);
      if (until > 0) await budget.block(connection, until);
      return response;
    } finally {
      const returned = budget.giveBack(connection);
      if (returned instanceof Promise) await returned;
    }
  };
}
