import type { Verdict } from "./active-mailbox.ts";
import type { Lease, Message } from "./types.ts";

/** Runs messages of one leased mailbox. */
export interface LeasedRunner {
  /** Resolves when the attempt has ended; never rejects. */
  run(message: Message): Promise<Verdict>;
  /** The lease now holds until `deadlineMs`. */
  extend(deadlineMs: number): void;
  /** The lease is gone or the process goes down: running attempts must have no further effect and end as `suspended`. */
  revoke(): void;
  close(): void;
}

/** Whatever runs flows; registered by `main.ts`. */
export interface Runner {
  open(lease: Lease, deadlineMs: number): LeasedRunner;
}
