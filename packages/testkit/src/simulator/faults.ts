import type { FailureKind } from "./answer.ts";
import type { Random } from "./random.ts";

/** How often a provider misbehaves: each rate is a share of its requests between 0 and 1; together at most 1. Default: 0 each. */
export interface FaultRates {
  /** 429 with `Retry-After`, nothing committed. */
  readonly tooManyRequests?: number;
  /** 500, nothing committed. */
  readonly serverError?: number;
  /** 503, nothing committed. */
  readonly unavailable?: number;
  /** Commits, then never answers: the client cannot know. */
  readonly timeoutAfterCommit?: number;
  /** Drops the connection, nothing committed. */
  readonly resetBeforeCommit?: number;
  /**
   * Commits and answers late. It commits even where the client has given up, so pauses beyond the client's timeout let an old
   * write land after a newer one, as at a real provider.
   */
  readonly slow?: number;
  /** Shortest and longest pause of a slow answer in milliseconds. Default 20 to 200. */
  readonly slowMs?: readonly [number, number];
  /** Milliseconds after which a connection that never gets its answer is dropped. Default 30,000. */
  readonly hangMs?: number;
  /** The `Retry-After` of an injected 429 in seconds. Default 1. */
  readonly retryAfterSeconds?: number;
}

/** What befalls one request. */
export type Fault =
  | { readonly kind: "none" }
  /** The failure is answered in the provider's words, nothing committed. */
  | { readonly kind: "answer"; readonly failure: FailureKind; readonly retryAfterSeconds?: number }
  /** Exactly this is answered, nothing committed: a proxy's error page, a body cut off in the middle. */
  | { readonly kind: "reply"; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly text: string }
  /** Commits, hangs for `hangMs` (default 30,000), then drops the connection. */
  | { readonly kind: "timeout-after-commit"; readonly hangMs?: number }
  | { readonly kind: "reset-before-commit" }
  /** Commits, then drops the connection at once. */
  | { readonly kind: "reset-after-commit" }
  /** Commits and answers `forMs` later. */
  | { readonly kind: "slow"; readonly forMs: number }
  /** A call for many is served, but not all of its items well. Other calls are served as ever. */
  | { readonly kind: "items"; readonly items: readonly ItemFault[] };

/** What befalls one item of a call for many. `unmentioned`: it is committed, and the answer says nothing of it. */
export interface ItemFault {
  /** From 0. */
  readonly position: number;
  readonly as: FailureKind | "unmentioned";
}

/** A fault for the requests that fit a pattern. Of several rules that fit, the first with occasions left counts. */
export interface FaultRule {
  /** Default: any. */
  readonly method?: string;
  /** The path without account and query; `*` stands for one segment. Default: any. */
  readonly path?: string;
  /** Default: all accounts, each counting for itself. */
  readonly account?: string;
  /** How many fitting requests pass unharmed first. Default 0. */
  readonly after?: number;
  /** How many are hit then. Default: all. */
  readonly times?: number;
  readonly fault: Fault;
}

export const defaultHangMs = 30_000;

/** Draws what befalls the next request: always two numbers, so that changed rates do not shift the draws of later requests. */
export function drawFault(random: Random, rates: FaultRates): Fault {
  const draw = random();
  const magnitude = random();
  const [shortestMs, longestMs] = rates.slowMs ?? [20, 200];
  const faults: readonly (readonly [number | undefined, Fault])[] = [
    [rates.tooManyRequests, { kind: "answer", failure: "limited", retryAfterSeconds: rates.retryAfterSeconds ?? 1 }],
    [rates.serverError, { kind: "answer", failure: "server-error" }],
    [rates.unavailable, { kind: "answer", failure: "unavailable" }],
    [rates.timeoutAfterCommit, { kind: "timeout-after-commit", hangMs: rates.hangMs ?? defaultHangMs }],
    [rates.resetBeforeCommit, { kind: "reset-before-commit" }],
    [rates.slow, { kind: "slow", forMs: Math.round(shortestMs + magnitude * (longestMs - shortestMs)) }],
  ];
  let reached = 0;
  for (const [rate, fault] of faults) {
    reached += rate ?? 0;
    if (draw < reached) return fault;
  }
  return { kind: "none" };
}

/** The rules of one account, each counting the requests that fit it. */
export interface FaultRules {
  add(rule: FaultRule): void;
  /** The fault that is set for this request; undefined where none is. */
  next(method: string, pathname: string): Fault | undefined;
}

export function countFaultRules(account: string, initial: readonly FaultRule[]): FaultRules {
  const rules = new Map<FaultRule, number>();
  const add = (rule: FaultRule): void => {
    if (rule.account === undefined || rule.account === account) rules.set({ ...rule }, 0);
  };
  initial.forEach(add);
  return {
    add,
    next(method, pathname) {
      let found: Fault | undefined;
      for (const [rule, seen] of rules) {
        if (!fits(rule, method, pathname)) continue;
        // Every rule sees every request that fits it, whichever of them hits.
        rules.set(rule, seen + 1);
        const { after = 0, times = Infinity } = rule;
        if (seen >= after && seen < after + times) found ??= rule.fault;
      }
      return found;
    },
  };
}

function fits(rule: FaultRule, method: string, pathname: string): boolean {
  if (rule.method !== undefined && rule.method.toUpperCase() !== method) return false;
  if (rule.path === undefined) return true;
  const pattern = rule.path.split("/");
  const asked = pathname.split("/");
  return pattern.length === asked.length && pattern.every((segment, index) => segment === "*" || segment === asked[index]);
}
