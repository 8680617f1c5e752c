import type { Verdict } from "./active-mailbox.ts";
import type { Lease, Message } from "./types.ts";

/** Runs messages of one leased mailbox. */
export interface LeasedRunner {
  /** Resolves when the attempt has ended; never rejects. */
  run(message: Message): Promise<Verdict>;
  /** The message can never be read, and is given up: what goes on by it ends as well. Default: nothing does. */
  giveUp?(message: Message, code: string): Promise<void>;
  /** The lease now holds until `deadlineMs`, under `token`: that is another one where the mailbox was leased anew, to fetch what had come while it was given back. */
  extend(deadlineMs: number, token: number): void;
  /** The lease is gone or the process goes down: running attempts must have no further effect and end as `suspended`. */
  revoke(): void;
  close(): void;
}

/** Whatever runs flows; registered by `main.ts`. */
export interface Runner {
  open(lease: Lease, deadlineMs: number): LeasedRunner;
}
