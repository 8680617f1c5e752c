import { isBelayError } from "../errors/belay-error.ts";
import type { ErrorRow, Lane } from "../connector/types.ts";
import type { BoundBudgets } from "./bind-budgets.ts";
import type { Budget, Demand, Permit, SharedBudget } from "./budget.ts";
import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import { readStanding } from "./limit-headers.ts";
import { headerOf } from "./outbound.ts";
import type { Layer, OutboundRequest, OutboundResponse } from "./outbound.ts";
import { pause } from "./pause.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** Longer waits are the mailbox's business. */
const longestWaitMs = 1_000;
/** A permit can run out while the request waits for a connection; this often another one is taken. */
const mostPermits = 3;

export interface RateBudgetOptions {
  readonly budget: Budget;
  readonly budgets: BoundBudgets;
  readonly clock: Clock;
  /** Those of the connector: some say that a request was one too many. */
  readonly errors?: readonly ErrorRow[];
  /** Of calls that no operation makes. Default `event`. */
  readonly lane?: Lane;
}

/**
 * Takes each attempt out of the budgets that it uses; waits up to a second for room. A refusal that says when, or an answer whose declared
 * headers say that nothing remains, blocks everybody who shares the budget until then, so that the others need not learn it each by a refusal of
 * their own.
 */
export function rateBudget({ budget, budgets, clock, errors = [], lane = "event" }: RateBudgetOptions): Layer {
  const waitForRoom = async (request: OutboundRequest): Promise<Permit> => {
    const giveUpAt = Math.min(clock.now() + longestWaitMs, request.deadlineAt);
    const demand = demandOf(request, budgets, lane, giveUpAt);
    for (;;) {
      const now = clock.now();
      const answer = budget.take(demand, now);
      const grant = answer instanceof Promise ? await answer : answer;
      if (grant.granted) return grant.permit;
      if (now + grant.afterMs > giveUpAt) throw usedUp(request.label, grant.afterMs);
      await pause(clock, grant.afterMs, request);
    }
  };
  const hear = judgeLimits(budget, budgets, errors);
  return (next) => async (request) => {
    for (let permits = 1; ; permits++) {
      const permit = await waitForRoom(request);
      const askedAt = clock.now();
      let sent = true;
      try {
        const response = await next(permit.holds === undefined ? request : { ...request, permit });
        await hear(request, response, { now: clock.now(), askedAt });
        return response;
      } catch (error) {
        sent = !isBelayError(error) || error.details["sent"] !== false;
        if (permits < mostPermits && isBelayError(error) && error.details["permitEnded"] === true) continue;
        throw error;
      } finally {
        permit.end(sent);
      }
    }
  };
}

function demandOf(request: OutboundRequest, budgets: BoundBudgets, lane: Lane, giveUpAt: number): Demand {
  const context = request.operation?.context;
  const demand = { own: budgets.own, uses: budgets.usesOf(request), lane: context?.lane ?? lane, giveUpAt };
  return context?.flow === undefined ? demand : { ...demand, flow: context.flow };
}

function usedUp(label: string, afterMs: number): Error {
  return httpError("HTTP_BUDGET_EXHAUSTED", `${label}: the provider's rate limit is used up.`, {
    retry: { afterMs },
    details: { waits: true },
  });
}

/** The error of a permit that ran out before the request could leave. */
export function permitEnded(label: string): Error {
  return httpError("HTTP_BUDGET_EXHAUSTED", `${label}: the permit to send it ran out while it waited for a connection.`, {
    retry: { afterMs: 100 },
    details: { waits: true, sent: false, permitEnded: true },
  });
}

/** Takes from an answer what it says of limits. */
function judgeLimits(
  budget: Budget,
  { own, limits, usesOf }: BoundBudgets,
  errors: readonly ErrorRow[],
): (request: OutboundRequest, response: OutboundResponse, at: { readonly now: number; readonly askedAt: number }) => Promise<void> {
  const refusals = new Set([429, ...limits.flatMap(({ declared }) => declared.refusal ?? [])]);
  const throttles = errors.filter(({ throttled }) => throttled === true);
  const read = limits.filter(({ declared }) => declared.headers !== undefined);
  return async (request, response, { now, askedAt }) => {
    if (read.length === 0 && throttles.length === 0 && !refusals.has(response.status)) return;
    const blocks = new Map<SharedBudget, number>();
    for (const { declared, budget: of, index } of read) {
      // A limit of another endpoint says nothing of this one, even where its headers are called the same.
      if (declared.endpoint !== undefined && !usesOf(request).some((use) => use.budget === of)) continue;
      const standing = readStanding(declared, response, now);
      if (standing === undefined) continue;
      if (standing.remaining < 1) blocks.set(of, Math.max(blocks.get(of) ?? 0, standing.resetAt));
      budget.learn?.(of, index, { ...standing, askedAt });
    }
    const row = throttles.find(
      ({ status, contains }) => status === response.status && (contains === undefined || response.body.includes(contains)),
    );
    if (row !== undefined || refusals.has(response.status)) {
      const declaredMs = row !== undefined && typeof row.retry === "object" ? row.retry.afterMs : undefined;
      const afterMs = parseRetryAfter(headerOf(response, "retry-after"), now) ?? declaredMs;
      const of = refusedBy(usesOf(request), own);
      if (afterMs !== undefined) blocks.set(of, Math.max(blocks.get(of) ?? 0, now + afterMs));
    }
    for (const [of, until] of blocks) await budget.block(of, until);
  };
}

/** Which budget a refusal is about: the answer does not say, so the connection's own, unless none but one that others share has limits. */
function refusedBy(uses: Demand["uses"], own: SharedBudget): SharedBudget {
  if (uses.some(({ budget }) => budget === own)) return own;
  return uses[0]?.budget ?? own;
}
