import { hostSource } from "@belay/sdk";
import type { MessageFacts } from "../mailbox/index.ts";
import type { Explanation } from "./explain-failure.ts";
import type { ShownAttempt } from "./show-attempts.ts";
import { tellAttempts } from "./tell-attempts.ts";

/** One thing that happened to a message, or will. */
export interface Chapter {
  readonly what:
    | "received"
    | "believed"
    | "recognized"
    | "replayed"
    | "queued"
    | "attempted"
    | "called"
    | "step"
    | "failed"
    | "waits"
    | "delivered"
    | "superseded"
    | "discarded"
    | "died";
  /** ISO 8601, UTC; `null` where the time was not kept. */
  readonly at: string | null;
  readonly text: string;
}

export interface StoryParts {
  readonly facts: MessageFacts;
  /** Those that are kept, oldest first. */
  readonly attempts: readonly ShownAttempt[];
  /** Until when a repeated delivery is known; `undefined` when it no longer is. */
  readonly knownUntil: string | undefined;
  /** Of the last failure, if there was one. */
  readonly explanation: Explanation | undefined;
}

/**
 * Tells what the database knows of a message, in the order in which it happened. Says nothing that was not kept: attempts that went well and were not sampled, for
 * example, and those past their days.
 */
export function tellStory(parts: StoryParts): Chapter[] {
  return [...tellArrival(parts), ...tellWork(parts), ...tellEnd(parts)];
}

function tellArrival({ facts, knownUntil }: StoryParts): Chapter[] {
  const { message, firstAttemptAt } = facts;
  const { eventType, mailbox, orderKey, receivedAt, state } = message;
  // Replaying sets the time of receipt anew; the first attempt is from before.
  const replayed = firstAttemptAt !== null && firstAttemptAt < receivedAt;
  const arrivedAt = replayed ? null : receivedAt;
  return [
    ...(Object.hasOwn(ownWork, eventType)
      ? [{ what: "received" as const, at: arrivedAt, text: `Belay asked for it itself: ${ownWork[eventType] ?? ""}.` }]
      : tellEvent(message, knownUntil, arrivedAt)),
    ...((state === "dead" || state === "discarded") && message.attempts === 0
      ? []
      : [
          {
            what: "queued" as const,
            at: arrivedAt,
            text: `It was stored as a message of mailbox ${mailbox}, in order with "${orderKey}".`,
          },
        ]),
    ...(replayed ? [{ what: "replayed" as const, at: receivedAt, text: "It was replayed after it had been a dead letter." }] : []),
  ];
}

/** What nobody sent: nothing was verified, and nothing can come twice. */
const ownWork: Readonly<Record<string, string>> = {
  "sync.walk": "a walk of a sync was due, or goes on",
  "sync.write": "a thing of a two-way sync had changed, and is to be merged and written",
};

function tellEvent(
  { eventType, eventKey, connection }: StoryParts["facts"]["message"],
  knownUntil: string | undefined,
  at: string | null,
): Chapter[] {
  const byHost = connection === hostSource;
  return [
    {
      what: "received",
      at,
      text: byHost
        ? `The host application emitted ${eventType} "${eventKey}".`
        : `${eventType} "${eventKey}" came in from connection ${connection}.`,
    },
    { what: "believed", at, text: byHost ? "It came with the token of the API." : "Its signature was verified over the raw bytes." },
    {
      what: "recognized",
      at,
      text:
        knownUntil === undefined
          ? "It was new. Its key has been forgotten since: the provider no longer sends it again."
          : `It was new. Until ${knownUntil} a repeated delivery is answered as a duplicate.`,
    },
  ];
}

function tellWork({ facts, attempts: kept, explanation }: StoryParts): Chapter[] {
  const { message, firstAttemptAt, steps, suspect } = facts;
  const { flow, attempts, code, error } = message;
  const told = tellAttempts(kept);
  const waits = message.state === "waiting" || message.state === "parked";
  return [
    ...(firstAttemptAt === null ? [] : [{ what: "attempted" as const, at: firstAttemptAt, text: `Flow ${flow} ran for the first time.` }]),
    // Told before by the attempt in which they finished, unless that was left out.
    ...steps
      .filter(({ name }) => !kept.slice(-2).some((attempt) => attempt.steps.some((step) => step.name === name && step.code === null)))
      .map(({ name, finishedAt }) => ({
        what: "step" as const,
        at: finishedAt,
        text: `Step "${name}" finished; it is not run again.`,
      })),
    ...told,
    ...(code === null || !waits
      ? []
      : [
          {
            what: "failed" as const,
            at: null,
            text:
              told.length === 0
                ? `${countOf(attempts, "attempt")} failed, the last with ${code}: ${error ?? ""} ${explanation?.meaning ?? ""}`.trim()
                : `${countOf(attempts, "attempt")} failed so far. ${explanation?.meaning ?? ""}`.trim(),
          },
        ]),
    ...(suspect && code === null && waits
      ? [
          {
            what: "failed" as const,
            at: null,
            text: "An attempt was begun of which nobody knows the end; the next one looks before it writes.",
          },
        ]
      : []),
  ];
}

function tellEnd({ facts, explanation }: StoryParts): Chapter[] {
  const { flow, state, attempts, endedAt, code, error } = facts.message;
  switch (state) {
    case "waiting":
    case "parked":
      return [{ what: "waits", at: null, text: describeWait(facts, explanation) }];
    case "dead":
      return [
        {
          what: "died",
          at: endedAt,
          text: `${attempts === 0 ? "It was set aside before any flow ran" : `It became a dead letter after ${countOf(attempts, "attempt")}`}: ${code ?? ""}: ${error ?? ""}`,
        },
        ...(explanation === undefined
          ? []
          : [{ what: "waits" as const, at: null, text: `${explanation.meaning} ${explanation.texts.engineer.remedy}` }]),
      ];
    case "delivered":
      return [{ what: "delivered", at: endedAt, text: `Flow ${flow} finished it${attempts > 1 ? ` at attempt ${attempts}` : ""}.` }];
    case "superseded":
      return [{ what: "superseded", at: endedAt, text: "A newer version of the same entity had been applied; this one was left out." }];
    case "discarded":
      return [{ what: "discarded", at: endedAt, text: `Somebody discarded it; it had died of ${code ?? "an unnamed cause"}.` }];
  }
}

function describeWait({ message, nextAttemptAt, mailbox }: MessageFacts, explanation: Explanation | undefined): string {
  if (mailbox?.pausedUntil) {
    const why = mailbox.why === null ? "." : `: ${mailbox.why}.${explanation?.code === mailbox.why ? ` ${explanation.meaning}` : ""}`;
    return `Mailbox ${message.mailbox} is paused until ${mailbox.pausedUntil}${why}`;
  }
  if (message.state === "parked" && nextAttemptAt !== null) {
    return message.code === null
      ? `It waits behind an earlier message of its order key, which is tried again at ${nextAttemptAt}.`
      : `It is tried again at ${nextAttemptAt}.`;
  }
  const ahead = mailbox?.ahead ?? 0;
  const place =
    ahead === 0
      ? "It is the first of its mailbox"
      : `${ahead === 1 ? "1 message is" : `${ahead >= 1_000 ? "1,000 or more" : ahead} messages are`} ahead of it in its mailbox`;
  return `${place}; ${mailbox?.leased === true ? "a worker has the mailbox now." : "no worker has taken the mailbox yet."}`;
}

function countOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
