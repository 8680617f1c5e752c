import type { FailureOwner } from "./failure-owner.ts";

interface Declaration {
  /** What to do, as a sentence. `{provider}` and `{connection}` stand for their names. */
  readonly text: string;
  /** Who can do it; those who know more can too. */
  readonly who: Exclude<FailureOwner, "provider">;
  /** How, where there is a command. `{id}`, `{tenant}` and `{code}` are those of the message. */
  readonly command?: string;
  /** Makes sense only for a dead letter (`dead`), or only for what Belay still tries (`alive`). Default: for both. */
  readonly when?: "dead" | "alive";
}

/** What may be done about a failure. Each is safe: done twice or in vain, it does no harm. The list is closed. */
export const safeActions = {
  wait: { text: "Wait: Belay tries again by itself.", who: "tenant", when: "alive" },
  reconnect: { text: "Connect the account at {provider} again, with a valid credential.", who: "tenant" },
  "grant-permission": { text: "Give the connected account at {provider} the permission that it lacks.", who: "tenant" },
  "mend-record": { text: "Correct the record where it comes from.", who: "tenant" },
  "check-effect": { text: "Look at {provider} whether the change has been made.", who: "support" },
  "correct-connection": { text: "Correct the address or the settings of connection {connection}.", who: "support" },
  "correct-webhook": {
    text: "Copy the webhook's URL and secret between {provider} and its connection again.",
    who: "support",
  },
  "raise-limit": {
    text: "Set the limits of connection {connection} to those of its plan, or get a larger plan at {provider}.",
    who: "support",
  },
  "ask-provider": { text: "Ask {provider}, naming the times of the attempts.", who: "support" },
  replay: {
    text: "Run it again; steps that have finished are not repeated.",
    who: "support",
    command: "belay dead-letters replay {id}",
    when: "dead",
  },
  "replay-cause": {
    text: "Run all of this cause again.",
    who: "support",
    command: "belay dead-letters replay --tenant {tenant} --code {code}",
    when: "dead",
  },
  discard: { text: "Give it up for good; it stays in history.", who: "support", command: "belay dead-letters discard {id}", when: "dead" },
  "deploy-fix": { text: "Mend the code and deploy it.", who: "engineer", command: "belay check" },
  "correct-configuration": { text: "Correct the configuration and start again.", who: "engineer", command: "belay check" },
  "correct-request": { text: "Correct the request or the command, and send it again.", who: "engineer" },
  "look-at-installation": { text: "See what is wrong with this installation.", who: "operator", command: "belay doctor" },
  "add-workers": { text: "Start one more process that works.", who: "operator", command: "belay start --roles worker" },
} as const satisfies Readonly<Record<string, Declaration>>;

export type SafeAction = keyof typeof safeActions;
