import type { RequestAudit } from "./principal.ts";
import type { Role } from "./roles.ts";

/** One row of the table: who may, of whom, and what is remembered of it. */
export interface PermissionRow {
  readonly meaning: string;
  readonly roles: readonly Role[];
  /**
   * Whose things it opens. `tenant`: those of one tenant at a time, so that who is confined to a tenant may hold it. `installation`: those of all tenants together, or
   * none's: nobody who is confined may hold it, whatever the role. `nobody`: what is the same for everybody.
   */
  readonly of: "tenant" | "installation" | "nobody";
  /** What of it goes into the audit log, refusals aside, which always do. `none` is for what happens too often and is written down elsewhere. */
  readonly audit: RequestAudit;
}

const [staff, builders, everybody] = [
  ["admin", "engineer", "support"],
  ["admin", "engineer"],
  ["admin", "engineer", "support", "tenant"],
] as const satisfies readonly (readonly Role[])[];

/**
 * Everything that a request may need, each with the roles that have it. Every route under `/v1` names one of these in its `config`; the table is all there is to know
 * of who may do what.
 */
export const permissions = {
  "events.emit": { meaning: "Emit events of the host application.", roles: builders, of: "tenant", audit: "none" },
  "messages.read": { meaning: "Read messages, their stories and contents.", roles: staff, of: "tenant", audit: "read" },
  "messages.explain": { meaning: "Read what is wrong with a message, in words.", roles: everybody, of: "tenant", audit: "read" },
  "dead-letters.read": { meaning: "Read dead letters.", roles: staff, of: "tenant", audit: "read" },
  "dead-letters.act": { meaning: "Replay and discard dead letters.", roles: staff, of: "tenant", audit: "change" },
  "stream.read": { meaning: "Read what changed its state.", roles: staff, of: "tenant", audit: "none" },
  "measures.read": { meaning: "Read what was counted.", roles: staff, of: "tenant", audit: "none" },
  "limits.read": { meaning: "Read how providers' limits stand.", roles: staff, of: "tenant", audit: "none" },
  "connections.read": { meaning: "Read connections and how they are.", roles: everybody, of: "tenant", audit: "none" },
  "connections.manage": {
    meaning: "Make, reconnect and disconnect connections.",
    roles: ["admin", "engineer", "tenant"],
    of: "tenant",
    audit: "change",
  },
  "connect-sessions.create": { meaning: "Make links by which tenants connect.", roles: everybody, of: "tenant", audit: "change" },
  "proxy.call": { meaning: "Call a provider as a tenant.", roles: builders, of: "tenant", audit: "none" },
  "backlog.read": { meaning: "Read what waits, and how long it will take.", roles: everybody, of: "tenant", audit: "none" },
  "changes.read": {
    meaning: "Read and acknowledge changes of records as a consumer.",
    roles: ["admin", "engineer", "tenant"],
    of: "tenant",
    audit: "none",
  },
  "changes.manage": {
    meaning: "Define, rewind and remove consumers of changes.",
    roles: ["admin", "engineer", "tenant"],
    of: "tenant",
    audit: "change",
  },
  "syncs.read": { meaning: "Read how syncs stand.", roles: everybody, of: "tenant", audit: "none" },
  "syncs.manage": {
    meaning: "Run, pause and resume syncs, approve their deletes, set what tenants want of them.",
    roles: builders,
    of: "tenant",
    audit: "change",
  },
  "two-ways.manage": {
    meaning: "Decide conflicts of two-way syncs, and have writes that were given up tried again.",
    roles: staff,
    of: "tenant",
    audit: "change",
  },
  "records.repair": {
    meaning: "Repair what a comparison of records with their provider has found.",
    roles: builders,
    of: "tenant",
    audit: "change",
  },
  "records.read": { meaning: "Read records, with what they were made of.", roles: staff, of: "tenant", audit: "read" },
  "records.identify": {
    meaning: "Say which records are one thing, merge them and take that back.",
    roles: staff,
    of: "tenant",
    audit: "change",
  },
  "cache.read": { meaning: "Read what is kept for look-ups, and how often it was of use.", roles: staff, of: "tenant", audit: "none" },
  "batches.read": { meaning: "Read runs of batches and how far they are.", roles: staff, of: "tenant", audit: "none" },
  "batches.manage": { meaning: "Start and cancel runs of batches.", roles: builders, of: "tenant", audit: "change" },
  "unified.read": {
    meaning: "Read records in the models' shapes, kept ones and the provider's own.",
    roles: staff,
    of: "tenant",
    audit: "read",
  },
  "unified.write": { meaning: "Write records to providers in the models' shapes.", roles: builders, of: "tenant", audit: "change" },
  "traffic.read": { meaning: "Read what is paused, and who has which weight.", roles: staff, of: "installation", audit: "none" },
  "traffic.manage": {
    meaning: "Pause and resume tenants, connections, flows and connectors; set weights.",
    roles: builders,
    of: "installation",
    audit: "change",
  },
  "installation.read": { meaning: "Read how the installation is.", roles: staff, of: "installation", audit: "none" },
  "keys.manage": { meaning: "List, make, rotate and revoke API keys.", roles: ["admin"], of: "installation", audit: "change" },
  "operators.manage": {
    meaning: "List operators, end their sessions, take their access away.",
    roles: ["admin"],
    of: "installation",
    audit: "change",
  },
  "audit.read": { meaning: "Read and export the audit log.", roles: ["admin"], of: "installation", audit: "read" },
  "description.read": { meaning: "Read the description of the API and of error codes.", roles: everybody, of: "nobody", audit: "none" },
  "session.own": { meaning: "Read who one is, and sign out.", roles: everybody, of: "nobody", audit: "none" },
} as const satisfies Readonly<Record<string, PermissionRow>>;

export type Permission = keyof typeof permissions;
