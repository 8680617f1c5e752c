import type { ConnectorDefinition, Limit } from "@belay/sdk";
import { writeFailures } from "./answer.ts";
import type { Answer, FailureAnswers } from "./answer.ts";
import { expectedHeader } from "./auth.ts";
import type { Credential } from "./auth.ts";
import type { SimulatorClock } from "./clock.ts";
import { drawFault } from "./faults.ts";
import type { FaultRates } from "./faults.ts";
import { rememberKeys } from "./idempotency.ts";
import { countLimits } from "./limits.ts";
import { perform } from "./perform.ts";
import type { OperationRequest, ProposedWrite } from "./perform.ts";
import type { Random } from "./random.ts";
import type { ResourceModel } from "./resource-model.ts";
import { createStore } from "./store.ts";
import type { ResourceStore } from "./store.ts";

/** What a client sees: an answer, or a connection that ends without one. */
export type Outcome = { readonly kind: "answer"; readonly answer: Answer } | { readonly kind: "drop" };

/** How a dead provider shows: its load balancer says 503, or every connection is dropped. */
export type DeadAs = "unavailable" | "reset";

interface DeadPeriod {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly as: DeadAs;
}

/** One account at the simulated provider: records, keys, limits and faults of its own. */
export interface Account {
  /** Serves one request. `clientGone` is asked for only where the answer is held back for ever. */
  serve(request: OperationRequest, clientGone: () => AbortSignal): Promise<Outcome>;
  readonly stores: ReadonlyMap<string, ResourceStore>;
  /** Answers per status, and `dropped` for connections that ended without one. */
  readonly requests: Readonly<Record<string, number>>;
  setFaults(rates: FaultRates): void;
  addDeadPeriod(period: DeadPeriod): void;
  addRefusal(refuses: (write: ProposedWrite) => boolean): void;
}

export interface AccountOptions {
  readonly id: string;
  readonly connector: ConnectorDefinition;
  readonly models: ReadonlyMap<string, ResourceModel>;
  readonly credential: Credential;
  readonly limits: readonly Limit[];
  readonly failures: FailureAnswers;
  readonly faults: FaultRates;
  readonly random: Random;
  readonly clock: SimulatorClock;
  readonly nextSequence: () => number;
}

export function openAccount(options: AccountOptions): Account {
  const { id, connector, models, clock, nextSequence } = options;
  const writeFailure = writeFailures(connector.errors ?? [], options.failures);
  const header = expectedHeader(connector.auth, options.credential);
  const limits = countLimits(options.limits);
  const requests: Record<string, number> = {};
  const deadPeriods: DeadPeriod[] = [];
  const refusals: ((write: ProposedWrite) => boolean)[] = [];
  const stores = new Map([...models].map(([name, model]) => [name, createStore({ ...model, account: id, nextSequence })]));
  const provider = {
    account: id,
    fail: writeFailure,
    keys: rememberKeys(),
    now: () => clock.now(),
    refuses: (proposed: ProposedWrite) => refusals.some((refuses) => refuses(proposed)),
  };
  let rates = options.faults;

  const fail = (...failure: Parameters<typeof writeFailure>): Outcome => ({ kind: "answer", answer: writeFailure(...failure) });

  const onGoodDay = async (request: OperationRequest): Promise<Outcome> => {
    const model = models.get(request.resource);
    const store = stores.get(request.resource);
    if (model === undefined || store === undefined) return fail("not-found", "There is no such resource.");
    return { kind: "answer", answer: await perform(provider, model, store, request) };
  };

  const underFaults = async (request: OperationRequest, clientGone: () => AbortSignal): Promise<Outcome> => {
    const fault = drawFault(options.random, rates);
    switch (fault.kind) {
      case "none":
        return onGoodDay(request);
      case "answer":
        return fail(fault.failure, "Try again later.", fault.retryAfterSeconds);
      case "reset-before-commit":
        return { kind: "drop" };
      case "slow":
        await clock.wait(fault.forMs);
        return onGoodDay(request);
      case "timeout-after-commit":
        await onGoodDay(request);
        await clock.wait(fault.hangMs, clientGone());
        return { kind: "drop" };
    }
  };

  const answer = async (request: OperationRequest, clientGone: () => AbortSignal): Promise<Outcome> => {
    const now = clock.now();
    const dead = deadPeriods.find(({ fromMs, untilMs }) => fromMs <= now && now < untilMs);
    if (dead !== undefined) return dead.as === "reset" ? { kind: "drop" } : fail("unavailable", "The service is down.");
    if (request.headers[header.name] !== header.value) return fail("unauthorized", "The credential is missing or wrong.");
    const entry = limits.enter(now);
    if (!entry.admitted) return fail("limited", "The limit is used up.", entry.retryAfterSeconds);
    try {
      return await underFaults(request, clientGone);
    } finally {
      limits.leave();
    }
  };

  return {
    stores,
    requests,
    async serve(request, clientGone) {
      const outcome = await answer(request, clientGone);
      const label = outcome.kind === "drop" ? "dropped" : String(outcome.answer.status);
      requests[label] = (requests[label] ?? 0) + 1;
      return outcome;
    },
    setFaults: (next) => void (rates = next),
    addDeadPeriod: (period) => void deadPeriods.push(period),
    addRefusal: (refuses) => void refusals.push(refuses),
  };
}
