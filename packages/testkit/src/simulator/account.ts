import type { ConnectorDefinition, Limit } from "@belay/sdk";
import { writeFailures } from "./answer.ts";
import type { Answer, FailureAnswers, FailureDetails } from "./answer.ts";
import { resolveBodies } from "@belay/sdk/formats";
import { openGate } from "./auth.ts";
import type { Credential } from "./auth.ts";
import type { SimulatorClock } from "./clock.ts";
import { driftBy } from "./drift.ts";
import { countFaultRules, defaultHangMs, drawFault } from "./faults.ts";
import type { FaultRates, FaultRule, ItemFault } from "./faults.ts";
import { answerConditionally } from "./etag.ts";
import { answered, operationOf, unmapRequest } from "./write-answer.ts";
import { beginEntry, withoutParameters, withoutTokens } from "./history.ts";
import type { HistoryEntry, MutableEntry } from "./history.ts";
import { rememberKeys } from "./idempotency.ts";
import { countLimits } from "./limits.ts";
import { matchRoutes } from "./match-route.ts";
import { perform } from "./perform.ts";
import type { ProposedWrite } from "./provider.ts";
import { seedFor, seededRandom } from "./random.ts";
import { readRequest, receivedOf } from "./read-request.ts";
import type { AccountRequest } from "./read-request.ts";
import type { ListingHabits } from "./listing-habits.ts";
import type { ResourceModel } from "./resource-model.ts";
import type { StoreOptions, Write } from "./store.ts";
import { insufficientScope, missingScopes } from "./oauth/scopes.ts";
import type { TokenBook } from "./oauth/tokens.ts";
import { openStores } from "./stores.ts";
import type { Stores } from "./stores.ts";
import { judgeVersion, withoutVersion } from "./versions.ts";
import type { WireOutcome } from "./wire.ts";

/** How a dead provider shows: its load balancer says 503, or every connection is dropped. */
export type DeadAs = "unavailable" | "reset";

interface DeadPeriod {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly as: DeadAs;
}

/** One account at the simulated provider: records, keys, limits and faults of its own. */
export interface Account {
  /** Serves one request. `clientGone` is asked for only where the answer is held back. */
  serve(request: AccountRequest, clientGone: () => AbortSignal): Promise<WireOutcome>;
  readonly stores: Stores;
  readonly tokens: TokenBook | undefined;
  /** Answers per status, and `dropped` for connections that ended without one. */
  readonly requests: Readonly<Record<string, number>>;
  readonly history: readonly HistoryEntry[];
  setListing(habits: ListingHabits): void;
  setFaults(rates: FaultRates): void;
  addFault(rule: FaultRule): void;
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
  readonly faults: FaultRates | readonly FaultRule[];
  readonly listing: ListingHabits;
  /** Of this account alone. */
  readonly seed: number;
  readonly clock: SimulatorClock;
  /** Counts all writes of the simulator. */
  readonly nextSequence: () => number;
  /** Counts all requests of the simulator. */
  readonly nextRequest: () => number;
  readonly onWrite?: StoreOptions["onWrite"];
  /** Told of every request when it has been answered. */
  readonly onRequest?: (entry: HistoryEntry) => void;
}

export function openAccount(options: AccountOptions): Account {
  const { id, connector, models, clock, nextSequence } = options;
  const writeFailure = writeFailures({
    errors: connector.errors ?? [],
    own: options.failures,
    errorBody: connector.simulator?.errorBody,
  });
  const { simulator: behaviour } = connector;
  const gate = openGate(connector.auth, options.credential, options.seed, () => clock.now(), behaviour?.authorizations);
  const limits = countLimits(options.limits);
  const matchRoute = matchRoutes(models);
  const requests: Record<string, number> = {};
  const history: MutableEntry[] = [];
  const deadPeriods: DeadPeriod[] = [];
  const refusals: ((write: ProposedWrite) => boolean)[] = [];
  const stores = openStores({ account: id, nextSequence, ...(options.onWrite && { onWrite: options.onWrite }) });
  const random = seededRandom(options.seed);
  let habits = options.listing;
  const provider = {
    account: id,
    fail: writeFailure,
    keys: rememberKeys(),
    replayHeaders: behaviour?.replayHeaders ?? {},
    now: () => clock.now(),
    refuses: (proposed: ProposedWrite) => refusals.some((refuses) => refuses(proposed)),
    listing: {
      seed: seedFor(options.seed, "listing"),
      random: seededRandom(seedFor(options.seed, "totals")),
      habits: () => habits,
      drift: driftBy(
        seededRandom(seedFor(options.seed, "drift")),
        () => habits,
        () => clock.now(),
      ),
    },
  };
  const rules = countFaultRules(id, isRules(options.faults) ? options.faults : []);
  let rates = isRules(options.faults) ? {} : options.faults;

  const onGoodDay = async (
    sent: AccountRequest,
    entry: MutableEntry,
    scopes: readonly string[] | undefined,
    itemFaults: readonly ItemFault[] = [],
  ): Promise<Answer> => {
    const own = gate.serve(sent);
    if (own !== undefined) return own;
    const objection = behaviour?.refuses?.(receivedOf(sent, entry.sequence));
    if (objection !== undefined) return writeFailure(objection.failure, objection.description, { paths: objection.paths ?? [] });
    const request = unmapRequest(connector, sent);
    const route = matchRoute(request.pathname);
    if (route === undefined) return writeFailure("unknown-route", "There is no such resource.");
    const badVersion = judgeVersion(connector.versions, request.headers, route.place, clock.now());
    if (badVersion !== undefined) return writeFailure(badVersion, "This version of the API is not supported.");
    const { resource } = route.model;
    const bodies = resource.bodies ?? connector.bodies ?? "json";
    const reading = await readRequest(request, route, bodies);
    if (reading.kind === "unknown") return writeFailure("unknown-route", "There is no such operation.");
    if (reading.kind !== "operation") return writeFailure(reading.kind, reading.what);
    const missing = missingScopes(resource, request.method, scopes);
    if (missing.length > 0) return writeFailure("forbidden", "The token lacks a scope.", { headers: insufficientScope(missing) });
    const committed = (write: Write): void => {
      entry.effect = write;
      entry.effects.push(write);
    };
    const done = await perform(
      { ...provider, committed, itemFaults },
      route.model,
      stores.asked(route.model, connector.versions?.in === "path" ? withoutVersion(route.place) : route.place, route.id),
      reading.request,
    );
    const declared = operationOf(resource, reading.request.operation)?.bodies;
    return done.status >= 300 ? done : { ...done, bodies: resolveBodies(declared, bodies) };
  };

  const underFaults = async (
    request: AccountRequest,
    entry: MutableEntry,
    scopes: readonly string[] | undefined,
    clientGone: () => AbortSignal,
  ): Promise<WireOutcome> => {
    // Drawn in any case: a rule that is added must not shift what befalls the requests after it.
    const drawn = drawFault(random, rates);
    const fault = rules.next(request.method, request.pathname) ?? drawn;
    entry.fault = fault.kind;
    switch (fault.kind) {
      case "none":
        return answered(connector, request, await onGoodDay(request, entry, scopes));
      case "items":
        return answered(connector, request, await onGoodDay(request, entry, scopes, fault.items));
      case "answer":
        return answered(connector, request, writeFailure(fault.failure, "Try again later.", retryAfter(fault.retryAfterSeconds)));
      case "reply":
        return { kind: "answer", answer: { status: fault.status, headers: fault.headers ?? {}, body: fault.text } };
      case "reset-before-commit":
        return { kind: "drop" };
      case "reset-after-commit":
        await onGoodDay(request, entry, scopes);
        return { kind: "drop" };
      case "slow":
        await clock.wait(fault.forMs);
        return answered(connector, request, await onGoodDay(request, entry, scopes));
      case "timeout-after-commit":
        await onGoodDay(request, entry, scopes);
        await clock.wait(fault.hangMs ?? defaultHangMs, clientGone());
        return { kind: "drop" };
    }
  };

  const answer = async (request: AccountRequest, entry: MutableEntry, clientGone: () => AbortSignal): Promise<WireOutcome> => {
    const now = clock.now();
    const dead = deadPeriods.find(({ fromMs, untilMs }) => fromMs <= now && now < untilMs);
    if (dead !== undefined)
      return dead.as === "reset" ? { kind: "drop" } : answered(connector, request, writeFailure("unavailable", "The service is down."));
    if (gate.isOpen(request.pathname)) return underFaults(request, entry, undefined, clientGone);
    const admission = gate.admit(request.headers, request.query);
    if (!admission.ok)
      return answered(
        connector,
        request,
        writeFailure("unauthorized", "The credential is missing or wrong.", { headers: admission.headers }),
      );
    const entrance = limits.enter(now);
    if (!entrance.admitted) {
      const { refusal, retryAfter: says = true } = entrance.limit;
      const after = retryAfter(says ? entrance.retryAfterSeconds : undefined);
      const refused = writeFailure("limited", "The limit is used up.", { ...after, ...(refusal && { status: refusal }) });
      return withHeaders(answered(connector, request, refused), limits.headers(now));
    }
    try {
      // What carries the key is no filter of a listing.
      const asked = { ...request, query: withoutParameters(request.query, gate.parameters) };
      const outcome = await underFaults(asked, entry, admission.scopes, clientGone);
      const served = behaviour?.etags === true ? answerConditionally(request, outcome) : outcome;
      if (served.kind === "answer" && served.answer.status === 304) limits.forgive(clock.now());
      return withHeaders(served, limits.headers(clock.now()));
    } finally {
      limits.leave();
    }
  };

  return {
    stores,
    tokens: gate.tokens,
    requests,
    history,
    async serve(request, clientGone) {
      const entry = beginEntry(id, options.nextRequest(), clock.now(), request, gate);
      history.push(entry);
      const own = behaviour?.headers?.(receivedOf(request, entry.sequence)) ?? {};
      const outcome = withHeaders(await answer(request, entry, clientGone), own);
      const holdsSecrets = gate.isOpen(request.pathname);
      entry.answer = outcome.kind === "drop" ? "dropped" : holdsSecrets ? withoutTokens(outcome.answer) : outcome.answer;
      const label = outcome.kind === "drop" ? "dropped" : String(outcome.answer.status);
      requests[label] = (requests[label] ?? 0) + 1;
      options.onRequest?.(entry);
      return outcome;
    },
    setListing: (next) => void (habits = next),
    setFaults: (next) => void (rates = next),
    addFault: (rule) => rules.add(rule),
    addDeadPeriod: (period) => void deadPeriods.push(period),
    addRefusal: (refuses) => void refusals.push(refuses),
  };
}

/** The answer's own headers stand above the provider's usual ones. */
function withHeaders(outcome: WireOutcome, headers: Readonly<Record<string, string>>): WireOutcome {
  if (outcome.kind === "drop") return outcome;
  return { kind: "answer", answer: { ...outcome.answer, headers: { ...headers, ...outcome.answer.headers } } };
}

function retryAfter(seconds: number | undefined): FailureDetails {
  return seconds === undefined ? {} : { retryAfterSeconds: seconds };
}

function isRules(faults: FaultRates | readonly FaultRule[]): faults is readonly FaultRule[] {
  return Array.isArray(faults);
}
