/**
 * Mailboxes: durable, ordered, fair dispatch of messages.
 *
 * Terms: a *mailbox* belongs to one connection and one lane and is the unit of fairness, pausing and waiting. Its row is the wake-up: `due_at` says when
 * a worker should look, and while it is leased when the lease ends. The *token* fences: it rises with every lease, and results count only under the
 * newest. The *head* is the id up to which nothing is left but parked messages. An *order key* names the entity a message is about; a message that waits
 * for its next attempt *blocks* its order key, and later messages of that key are *parked*. Whoever is due and not leased stands *in line*, by lane and tenant.
 *
 * Tables owned: mailbox, message, message_id, block, entity_version, step, blob, dead_letter, history, history_default, id_mark.
 *
 * Invariants: within a mailbox ids follow the order of commit (rows are locked before messages are inserted). Every parked message has a block. A message
 * begins only after the one before it in its order key is settled. Contents (payloads, step results, what errors say) lie in the tables sealed, and move between them as they are. Whatever is written about a mailbox is written under its row lock and its token.
 *
 * @module
 */
export { commitMessages, toMailboxKey } from "./commit-messages.ts";
export {
  actOnDeadLetters,
  discardDeadLetters,
  listDeadLetters,
  readDeadEvents,
  replayDeadLetters,
  takeDeadLetters,
} from "./dead-letters.ts";
export type { DeadEvent, DeadLetter, DeadLetterFilter, DeadLetterKey } from "./dead-letters.ts";
export { countOfFlow } from "./count-of-flow.ts";
export type { FlowCounts } from "./count-of-flow.ts";
export { findByKey } from "./find-by-key.ts";
export { findMessages, messageStates, readMessages } from "./find-messages.ts";
export type { MessageFilter, MessageState, MessageSummary } from "./find-messages.ts";
export { IdMarks, readIdWindow } from "./id-marks.ts";
export { readMessage } from "./read-message.ts";
export type { MailboxFacts, MessageFacts, ShownText } from "./read-message.ts";
export { searchMessages } from "./search-messages.ts";
export type { MessagePage } from "./search-messages.ts";
export { defaultWeights, lanes } from "./fair-share.ts";
export type { Weights } from "./fair-share.ts";
export { mailboxErrors } from "./errors.ts";
export { pausedCode, resumePaused } from "./pauses.ts";
export type { Pauses, Resumed } from "./pauses.ts";
export { Dispatcher } from "./dispatcher.ts";
export type { DispatcherOptions } from "./dispatcher-options.ts";
export type { LeasedRunner, Runner } from "./runner.ts";
export type { Verdict } from "./active-mailbox.ts";
export { decideRetry, defaultRetryPolicy } from "./retry-policy.ts";
export type { RetryPolicy } from "./retry-policy.ts";
export { mailboxJobs } from "./jobs.ts";
export { countMisplacedHistory, defaultRetention, findOverdueMailboxes } from "./maintenance.ts";
export type { Retention } from "./maintenance.ts";
export { listenForWork } from "./listen.ts";
export { lookAtQueues } from "./look-at-queues.ts";
export type { QueueFigures } from "./look-at-queues.ts";
export { readWaitingOf } from "./read-waiting.ts";
export type { WaitingInLane } from "./read-waiting.ts";
export { countOf, readOldestOf, readStoredBytes } from "./look-at-tenants.ts";
export { countWaitingFor, resumeOneByOne } from "./resume-one-by-one.ts";
export { resumeMailboxes } from "./resume-mailboxes.ts";
export { sealWork } from "./seal-work.ts";
export type { Fingerprints, SealedWork, Work } from "./seal-work.ts";
export { lockLease } from "./lock-lease.ts";
export { recordSteps } from "./record-steps.ts";
export type { StepRecord } from "./record-steps.ts";
export { countWaiting, notifyWorkers } from "./store.ts";
export type { Lane, Lease, MailboxKey, Message, NewDeadLetter, NewMessage, Result } from "./types.ts";
