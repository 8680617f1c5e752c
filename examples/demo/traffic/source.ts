import type { AcknowledgedEvent } from "../check.ts";

/** An event as its provider has it, before it is signed and sent. */
export interface SourceEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  /** What the event asks for; undefined where no flow listens to it. */
  readonly effect?: AcknowledgedEvent;
}

export interface Signature {
  readonly secret: string;
  readonly at: Date;
}

/** A provider that sends a tenant's events. What it makes depends on the seed only. */
export interface Source {
  readonly tenant: string;
  readonly connector: "github" | "stripe";
  readonly endpoint: string;
  readonly secret: string;
  /** The event by which an entity came to its `version`, from 1. A blocked one asks for a write that the target refuses for ever. */
  event(entity: number, version: number, blocked?: boolean): SourceEvent;
  /** An event that no flow listens to. */
  unheard(index: number): SourceEvent;
  /** An event of a known type that lacks what its schema demands. */
  incomplete(index: number): SourceEvent;
  /** The headers of a delivery of `event`, signed by the provider's own library. */
  headers(event: SourceEvent, signature: Signature): Promise<Record<string, string>>;
}

/** The targets refuse to hold a name that begins like this. */
export const blockedPrefix = "[blocked]";

/** One of `choices`; they must not be empty. */
export function pick<T>(random: () => number, choices: readonly T[]): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new RangeError("There is nothing to choose from.");
  return choice;
}
