export interface DispatcherOptions {
  /** How long a mailbox stays with a worker that does not answer, ms. */
  readonly leaseMs: number;
  /** Mailboxes worked on at once. */
  readonly maxMailboxes: number;
  /** Messages in memory at once. */
  readonly maxMessages: number;
  /** Messages of one mailbox before others get their turn. */
  readonly quantum: number;
  /** A mailbox without work stays here for so long, because the next message may follow soon: it costs neither giving back nor leasing anew, ms. */
  readonly lingerMs: number;
  /** How often to look for due mailboxes when nobody rings, ms. */
  readonly pollMs: number;
}

export const defaultDispatcherOptions: DispatcherOptions = {
  leaseMs: 15_000,
  maxMailboxes: 256,
  maxMessages: 2_000,
  quantum: 2_000,
  lingerMs: 1_000,
  pollMs: 250,
};

/** What has been measured to be right and is nobody's to set. */
export const tuning = {
  fetchAtMost: 250,
  /** Results are gathered so long before they are written down, unless there are many: a transaction costs the same for one as for fifty. */
  gatherMs: 3,
  worthwhileResults: 200,
  /** Where a worker cannot serve all that it holds, a mailbox's turn is over after so long, whatever is left of its quantum: another worker may have room. */
  longestTurnMs: 5_000,
  /** How long a mailbox whose quantum is used up waits for its last runs before it goes on. */
  longestTurnEndMs: 1_000,
  longestBackoffMs: 5_000,
  mostLingering: 1_024,
} as const;
