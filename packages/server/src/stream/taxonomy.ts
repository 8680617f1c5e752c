/** Whom a type of event concerns, and what its `data` holds. */
export interface EventType {
  readonly meaning: string;
  /** Members of `data`, each with what it is. */
  readonly data: Readonly<Record<string, string>>;
}

const loadedParts = {
  connectors: "how many",
  flows: "how many",
  connections: "how many",
  syncs: "how many, those of two-way syncs among them",
  twoWays: "how many",
  batches: "how many",
  views: "how many",
} as const;

/**
 * Everything that changes its state and says so: a closed list, `noun.past-verb`. What happens to a single message on its way (received, attempted, delivered) is kept
 * with the message and told as its story; here stands what somebody may have to act on, or will want to know of later.
 */
export const eventTypes = {
  "configuration.loaded": {
    meaning: "A process began to work with a configuration.",
    data: loadedParts,
  },
  "configuration.reloaded": {
    meaning: "A process changed over to another configuration.",
    data: loadedParts,
  },
  "connection.connected": {
    meaning: "Somebody connected an account; what waited for it goes on.",
    data: { again: "whether it had been connected before" },
  },
  "connection.disconnected": { meaning: "Somebody disconnected an account; its credential is gone.", data: {} },
  "connection.needs-reconnect": {
    meaning:
      "The provider has ended what an account had granted, or its renewal was lost: the tenant has to connect it again. The cause is the code.",
    data: { state: "how the credential stands now" },
  },
  "connection.revocation-failed": {
    meaning: "A provider could not be told for a day that a credential is given up. It is gone here; its owner can end it there.",
    data: {},
  },
  "credential.refreshed": {
    meaning: "A credential was renewed. A cause is the code of what had kept it from being renewed before.",
    data: { version: "its number", recovered: "whether the answer of an earlier call was lost" },
  },
  "credential.refresh-failed": {
    meaning:
      "A credential could not be renewed, for the first time or for another reason than before; it is tried again. The cause is the code.",
    data: { state: "how the credential stands now" },
  },
  "credential.scopes-reduced": {
    meaning: "With a renewal the provider granted less than before.",
    data: { missing: "the scopes that are gone, with a space between them" },
  },
  "flow.isolated": {
    meaning:
      "A flow ended the thread that it ran in; for this tenant it runs alone from now on, and is tried again with the others after ten minutes without an incident.",
    data: {},
  },
  "mailbox.taken-over": {
    meaning: "The worker that held a mailbox did not give it back in time; another one took it over.",
    data: { mailbox: "which one" },
  },
  "message.dead-lettered": {
    meaning: "Nothing more is tried with a message until somebody acts.",
    data: { attempts: "how many were made" },
  },
  "message.discarded": { meaning: "Somebody ended a dead letter for good.", data: {} },
  "message.quarantined": {
    meaning: "An event came in that does not fit its schema, or whose keys cannot be read; it is kept as a dead letter.",
    data: {},
  },
  "message.replayed": { meaning: "Somebody gave a dead letter another chance.", data: {} },
  "notice.gone": {
    meaning: "A matter of the access review was mended. The cause is its kind.",
    data: { subject: "what it was about" },
  },
  "notice.raised": {
    meaning: "The access review has found something that somebody should do about what gives access; told once. The cause is its kind.",
    data: { subject: "what it is about", what: "what was found", remedy: "what to do about it" },
  },
  "process.started": { meaning: "A process of Belay is at work.", data: { roles: "what it does", process: "its number on its machine" } },
  "process.stopped": {
    meaning: "A process of Belay ended in order. One that was killed says nothing: its mailboxes are taken over.",
    data: { process: "its number on its machine" },
  },
  "provider.outage-began": {
    meaning:
      "So many connections of a provider fail alike that it is the provider: until it is back it gets probes only, and what is meant for it waits. One event, however many connections it concerns.",
    data: { provider: "its host, as the connector declares it", connections: "how many it has here", tenants: "of how many tenants" },
  },
  "provider.outage-ended": {
    meaning: "A probe went well: what has waited for the provider goes on, slowly at first.",
    data: {
      provider: "its host, as the connector declares it",
      connections: "how many it has here",
      tenants: "of how many tenants",
      seconds: "how long it lasted",
    },
  },
  "identity.merged": {
    meaning: "Two things were made one: the reference is the canonical id that stays.",
    data: { merge: "its number, to undo it by", merged: "the canonical id that was given up" },
  },
  "identity.unmerged": {
    meaning: "A merge was taken back.",
    data: { merge: "its number", merged: "the canonical id that is a thing of its own again" },
  },
  "sync.compared": {
    meaning: "What Belay keeps of a sync was compared with everything that its provider lists.",
    data: { reconciliation: "its number", found: "how many discrepancies", equal: "whether both sides are proven equal" },
  },
  "sync.deletes-approved": { meaning: "Somebody let the records of a sync be deleted that waited for it.", data: { count: "how many" } },
  "sync.deletes-held": {
    meaning:
      "So many records of a sync are missing at their provider, or were named by it as deleted, that they are not deleted before somebody approves it.",
    data: { count: "how many", fraction: "of those that were known, with what was deleted by name lately, as a part of 1" },
  },
  "sync.deletes-refused": { meaning: "Somebody kept the records of a sync that waited to be deleted.", data: { count: "how many" } },
  "sync.deletes-undone": {
    meaning: "Somebody had records brought back that a walk had deleted.",
    data: {
      walk: "its number",
      restored: "how many are back",
      left: "how many were left alone, because they came back by themselves or it was too late",
    },
  },
  "sync.paused": { meaning: "Somebody paused a sync at a connection.", data: { why: "the reason that was given" } },
  "sync.repaired": {
    meaning: "Somebody had discrepancies of a sync repaired.",
    data: { reconciliation: "of which comparison", repaired: "how many", skipped: "how many had changed since", left: "how many are left" },
  },
  "sync.resumed": { meaning: "A sync that was paused goes on.", data: {} },
  "sync.walk-failed": {
    meaning: "A sync's walk came to no end, and nothing more is tried with it; the next one begins when it is due. The cause is the code.",
    data: { walk: "its number" },
  },
  "threat.appeared": {
    meaning: "Something was found that will hurt if nobody acts.",
    data: { what: "what is wrong and where", remedy: "what to do about it" },
  },
  "threat.gone": { meaning: "A threat is over.", data: {} },
  "weight.changed": {
    meaning: "Somebody changed how much a tenant or a lane gets compared with the others.",
    data: {
      lane: "which one, unless it is a tenant's",
      weight: "how many times what one with a weight of 1 gets; absent: back to its default",
    },
  },
  "two-way.conflict-decided": {
    meaning: "Somebody decided a conflict of a two-way sync; it is written to both sides. The reference is the canonical id.",
    data: { field: "which field" },
  },
  "two-way.conflict-held": {
    meaning:
      "Both sides of a two-way sync have changed a field, and no rule decides: each side keeps its own until somebody does. The reference is the canonical id.",
    data: { fields: "which fields" },
  },
  "work.paused": {
    meaning: "Somebody paused a tenant, a connection, a flow or a connector: what waits there burns no attempt.",
    data: { scope: "which of them", id: "its id", why: "the reason that was given" },
  },
  "work.resumed": { meaning: "What was paused goes on.", data: { scope: "tenant, connection, flow or connector", id: "its id" } },
} as const satisfies Readonly<Record<string, EventType>>;

export type EventName = keyof typeof eventTypes;
