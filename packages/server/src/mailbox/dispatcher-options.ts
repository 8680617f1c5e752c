export interface DispatcherOptions {
  /** How long a mailbox stays with a worker that does not answer, ms. */
  readonly leaseMs: number;
  /** Mailboxes worked on at once. */
  readonly maxMailboxes: number;
  /** Messages in memory at once. */
  readonly maxMessages: number;
  /** Messages of one mailbox before others get their turn. */
  readonly quantum: number;
  /** How often to look for due mailboxes when nobody rings, ms. */
  readonly pollMs: number;
}

export const defaultDispatcherOptions: DispatcherOptions = {
  leaseMs: 15_000,
  maxMailboxes: 256,
  maxMessages: 2_000,
  quantum: 2_000,
  pollMs: 250,
};
