/**
 * The vocabulary of a history: what providers send, and what goes wrong. A history is a list of steps; leaving some out gives another history, which is how
 * a failing one is made short. So a fault names no event or statement, but the time from which it lies in wait and how many chances it lets pass.
 *
 * @module
 */

export type SourceName = "github" | "stripe";
export type TargetName = "zendesk" | "hubspot";

export const tenantNames = ["acme", "globex"] as const;
export type TenantName = (typeof tenantNames)[number];

/** What befalls one request to a provider. */
export const requestFaults = [
  "refused",
  "lost",
  "answer-lost",
  "no-answer",
  "never-arrives",
  "too-many-requests",
  "server-error",
  "error-after-commit",
  "unauthorized",
  "slow",
] as const;
export type RequestFault = (typeof requestFaults)[number];

export const databaseFaults = ["lost-before", "lost-after", "serialisation"] as const;
export type DatabaseFault = (typeof databaseFaults)[number];

export const deliveryFaults = ["never-arrives", "answer-lost"] as const;
export type DeliveryFault = (typeof deliveryFaults)[number];

/** A step without its number. `skip`: how many chances to strike the fault lets pass. `process` counts processes of Belay from 0. */
export type Action =
  | {
      readonly kind: "event";
      readonly tenant: TenantName;
      readonly source: SourceName;
      readonly entity: number;
      readonly version: number;
      /** The target refuses for ever what this event asks for. */
      readonly refused: boolean;
      /** 0 for the first sending of the event, then 1, 2, … */
      readonly copy: number;
    }
  | { readonly kind: "request-fault"; readonly what: RequestFault; readonly skip: number }
  | {
      readonly kind: "outage";
      readonly tenant: TenantName;
      readonly target: TargetName;
      readonly forMs: number;
      readonly as: "unavailable" | "refused";
    }
  | { readonly kind: "token-loss"; readonly tenant: TenantName; readonly target: TargetName; readonly forMs: number }
  | { readonly kind: "delivery-fault"; readonly what: DeliveryFault; readonly skip: number }
  | { readonly kind: "crash"; readonly process: number; readonly skip: number; readonly downMs: number }
  | { readonly kind: "standstill"; readonly process: number; readonly skip: number; readonly forMs: number }
  | { readonly kind: "deployment"; readonly process: number }
  | { readonly kind: "database-fault"; readonly process: number; readonly what: DatabaseFault; readonly skip: number }
  | { readonly kind: "clock-jump"; readonly clock: "all" | "database" | "process"; readonly process: number; readonly byMs: number };

export type Step = Action & {
  /** Its number in the history that the seed gives; stays when others are left out. */
  readonly number: number;
  /** Milliseconds since the history began. */
  readonly atMs: number;
};

/** What holds for a history as a whole. */
export interface Setting {
  /** Processes of Belay. */
  readonly processes: number;
  /** Requests per 10 s that each target account allows; undefined: what the connector declares. */
  readonly requestsPer10s: number | undefined;
  /** By how much the clock of each process is wrong, ms. */
  readonly skewMs: readonly number[];
}

export interface History {
  readonly seed: number;
  readonly setting: Setting;
  readonly steps: readonly Step[];
}

export function isFault(step: Step): boolean {
  return step.kind !== "event" || step.copy > 0;
}

/** Only some of the steps. */
export function keepSteps<Whole extends { readonly steps: readonly { readonly number: number }[] }>(
  history: Whole,
  numbers: readonly number[],
): Whole {
  return { ...history, steps: history.steps.filter(({ number }) => numbers.includes(number)) };
}
