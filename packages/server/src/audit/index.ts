/**
 * The audit log: who did what, from where, when, and whether it was let through.
 *
 * Terms: an *entry* tells of one action of a *principal* on an *object*; entries are numbered without gaps and *chained*: the *hash* of each covers its content and the hash
 * before it. The *head* is the newest number and its hash; kept elsewhere, it shows later that nothing was cut off the end or written anew.
 *
 * Tables owned: audit_entry.
 *
 * Invariants: entries are only added; what is read of people is written down before it is answered; no personal data in the clear: people are ids, network addresses are
 * sealed.
 *
 * @module
 */
export { openAudit } from "./audit-log.ts";
export type { AuditFact, AuditLog, PreparedFact } from "./audit-log.ts";
export { auditErrors } from "./errors.ts";
export type { AuditEntry, AuditOutcome } from "./entry.ts";
export { readAddress, readEntries } from "./read-entries.ts";
export { ChainCheck } from "./verify-chain.ts";
export type { AuditHead, BrokenChain } from "./verify-chain.ts";
