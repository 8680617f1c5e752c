import type { Retry } from "./belay-error.ts";
import type { FailureOwner } from "./failure-owner.ts";
import type { SafeAction } from "./safe-actions.ts";

/**
 * How work goes on after a failure. `by-itself`: when the cause has passed, Belay tries again. `after-mending`: trying the same again fails again until
 * somebody has mended the cause. `after-looking`: somebody has to look first, because trying again could have a second effect.
 */
export type Recovery = "by-itself" | "after-mending" | "after-looking";

interface Declaration {
  readonly title: string;
  readonly owner: FailureOwner;
  readonly recovery: Recovery;
  /** What may be done, the most useful first. */
  readonly actions: readonly SafeAction[];
}

/**
 * Every kind of failure that there is. The list is closed: each error code of Belay and each error row of a connector is of one of them, and none says "unknown".
 *
 * @see docs/failures.md
 */
export const failureClasses = {
  "provider-unavailable": {
    title: "Provider unavailable",
    owner: "provider",
    recovery: "by-itself",
    actions: ["wait", "ask-provider", "replay", "replay-cause", "discard"],
  },
  "provider-slow": {
    title: "Provider too slow",
    owner: "provider",
    recovery: "by-itself",
    actions: ["wait", "ask-provider", "replay", "replay-cause", "discard"],
  },
  "network-failed": {
    title: "Network failed",
    owner: "operator",
    recovery: "by-itself",
    actions: ["wait", "look-at-installation", "ask-provider", "replay", "replay-cause", "discard"],
  },
  "address-wrong": {
    title: "Wrong address",
    owner: "support",
    recovery: "after-mending",
    actions: ["correct-connection", "replay", "replay-cause", "discard"],
  },
  "rate-limit": {
    title: "Rate limit reached",
    owner: "support",
    recovery: "by-itself",
    actions: ["wait", "raise-limit", "replay", "replay-cause", "discard"],
  },
  "credential-refused": {
    title: "Credential refused",
    owner: "tenant",
    recovery: "after-mending",
    actions: ["reconnect", "replay", "replay-cause", "discard"],
  },
  "permission-missing": {
    title: "Permission missing",
    owner: "tenant",
    recovery: "after-mending",
    actions: ["grant-permission", "reconnect", "replay", "replay-cause", "discard"],
  },
  "record-refused": {
    title: "Record refused",
    owner: "tenant",
    recovery: "after-mending",
    actions: ["mend-record", "replay", "deploy-fix", "replay-cause", "discard"],
  },
  "outcome-unknown": {
    title: "Outcome unknown",
    owner: "support",
    recovery: "after-looking",
    actions: ["check-effect", "replay", "discard"],
  },
  "event-drift": {
    title: "Event not as declared",
    owner: "engineer",
    recovery: "after-mending",
    actions: ["deploy-fix", "replay", "ask-provider", "replay-cause", "discard"],
  },
  "answer-drift": {
    title: "Answer not as declared",
    owner: "engineer",
    recovery: "after-mending",
    actions: ["deploy-fix", "replay", "ask-provider", "replay-cause", "discard"],
  },
  "connector-mistake": {
    title: "Mistake in a connector",
    owner: "engineer",
    recovery: "after-mending",
    actions: ["deploy-fix", "replay", "replay-cause", "discard"],
  },
  "flow-mistake": {
    title: "Mistake in a flow",
    owner: "engineer",
    recovery: "after-mending",
    actions: ["deploy-fix", "replay", "replay-cause", "discard"],
  },
  "flow-runaway": {
    title: "Flow ran away",
    owner: "engineer",
    recovery: "after-mending",
    actions: ["deploy-fix", "replay", "replay-cause", "discard"],
  },
  "configuration-mistake": {
    title: "Mistake in the configuration",
    owner: "engineer",
    recovery: "after-mending",
    actions: ["correct-configuration", "correct-webhook", "replay", "replay-cause", "discard"],
  },
  "request-mistake": {
    title: "Mistake in a request to Belay",
    owner: "engineer",
    recovery: "after-mending",
    actions: ["correct-request"],
  },
  "webhook-not-believed": {
    title: "Webhook not believed",
    owner: "support",
    recovery: "after-mending",
    actions: ["correct-webhook", "ask-provider"],
  },
  overload: {
    title: "More work than fits",
    owner: "operator",
    recovery: "by-itself",
    actions: ["wait", "add-workers", "look-at-installation", "replay", "replay-cause", "discard"],
  },
  installation: {
    title: "Belay itself disturbed",
    owner: "operator",
    recovery: "by-itself",
    actions: ["wait", "look-at-installation", "replay", "replay-cause", "discard"],
  },
} as const satisfies Readonly<Record<string, Declaration>>;

export type FailureClass = keyof typeof failureClasses;

/** An `errors.ts`: every code with its class, what the queue may do, and what the reader should know. */
export type ErrorTable = Readonly<
  Record<string, { readonly class: FailureClass; readonly retry: Retry; readonly meaning: string; readonly status?: number }>
>;

/** True for the name of a class; one that came from elsewhere may be from a newer Belay. */
export function isFailureClass(name: unknown): name is FailureClass {
  return typeof name === "string" && Object.hasOwn(failureClasses, name);
}
