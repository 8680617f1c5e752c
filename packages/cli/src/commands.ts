import type { Command } from "commander";

/** A command as `belay --help` lists it, and where the whole of it is. */
export interface ListedCommand {
  readonly name: string;
  readonly takes?: readonly string[];
  readonly does: string;
  load(): Promise<Command>;
}

/**
 * All commands, in the order of `belay --help`. What one needs is loaded when it is the one that was asked for: with everything they need loaded at once, the help would
 * take half a second.
 */
export const commands: readonly ListedCommand[] = [
  {
    name: "check",
    does: "Look for mistakes before anything runs: types, configuration, connectors, flows, network access, secrets in files.",
    load: async () => (await import("./commands/check.ts")).checkCommand(),
  },
  {
    name: "dev",
    does: "Run Belay for development, on a database of its own that needs no installation. Not for data that matters.",
    load: async () => (await import("./commands/dev.ts")).devCommand(),
  },
  {
    name: "init",
    takes: ["[folder]"],
    does: "Write a small project into a new or empty folder: a configuration, a connector, a flow and its test.",
    load: async () => (await import("./commands/init.ts")).initCommand(),
  },
  {
    name: "send",
    takes: ["<connection>", "<event type>"],
    does: "Send an event as the provider would: made up from the connector's declaration, signed with the connection's secret.",
    load: async () => (await import("./commands/send.ts")).sendCommand(),
  },
  {
    name: "messages",
    does: "What became of events, newest first.",
    load: async () => (await import("./commands/messages.ts")).messagesCommand(),
  },
  {
    name: "measures",
    does: "What was counted: how many, how long, how late, how often failed.",
    load: async () => (await import("./commands/measures.ts")).measuresCommand(),
  },
  {
    name: "show",
    takes: ["<id>"],
    does: "The whole story of one message: what happened, what is next, what to do.",
    load: async () => (await import("./commands/show.ts")).showCommand(),
  },
  {
    name: "dead-letters",
    does: "What failed for good and waits for a person.",
    load: async () => (await import("./commands/dead-letters.ts")).deadLettersCommand(),
  },
  {
    name: "connections",
    does: "Accounts of tenants at providers: how they stand, links to connect them, giving them up.",
    load: async () => (await import("./commands/connections.ts")).connectionsCommand(),
  },
  {
    name: "syncs",
    does: "What is kept equal to what providers have: how it stands, run, pause, resync.",
    load: async () => (await import("./commands/syncs.ts")).syncsCommand(),
  },
  {
    name: "two-ways",
    does: "Two-way syncs: how they stand, thing by thing; trying again what was given up.",
    load: async () => (await import("./commands/two-ways.ts")).twoWaysCommand(),
  },
  {
    name: "conflicts",
    does: "Fields that both sides of a two-way sync have changed: what each has, and deciding what holds.",
    load: async () => (await import("./commands/conflicts.ts")).conflictsCommand(),
  },
  {
    name: "reconcile",
    does: "Compare what is kept with what the provider lists, and repair what differs.",
    load: async () => (await import("./commands/reconcile.ts")).reconcileCommand(),
  },
  {
    name: "identity",
    does: "Which records of different connections are one thing: reviews to decide, merges to make and to take back.",
    load: async () => (await import("./commands/identity.ts")).identityCommand(),
  },
  {
    name: "limits",
    takes: ["<connection>"],
    does: "What a connection may still send under its provider's limits, who waits for it and who uses it up.",
    load: async () => (await import("./commands/limits.ts")).limitsCommand(),
  },
  {
    name: "providers",
    does: "Providers: whether they are called now, since when not, when the next probe goes, what waits.",
    load: async () => (await import("./commands/providers.ts")).providersCommand(),
  },
  {
    name: "stream",
    does: "What changed its state, oldest first: dead letters, mailboxes taken over, threats, processes. --json prints a CloudEvent a line.",
    load: async () => (await import("./commands/stream.ts")).streamCommand(),
  },
  {
    name: "changes",
    does: "Consumers of the change feed: how far they are behind, what comes next; defining and rewinding them.",
    load: async () => (await import("./commands/changes.ts")).changesCommand(),
  },
  {
    name: "batches",
    does: "Runs of batches: how far they are, and when they will be done; starting and cancelling them.",
    load: async () => (await import("./commands/batches.ts")).batchesCommand(),
  },
  {
    name: "cache",
    does: "What is kept for reads with a maxAge, by connection and resource, and how often it saved a call.",
    load: async () => (await import("./commands/cache.ts")).cacheCommand(),
  },
  {
    name: "views",
    takes: ["[view]"],
    does: "Views of a tenant: how many rows they have and how far behind the changes they are; with a name, its rows.",
    load: async () => (await import("./commands/views.ts")).viewsCommand(),
  },
  {
    name: "proxy",
    takes: ["<connection>", "<method>", "<path>"],
    does: "Call a provider as a tenant: with the connection's credential, within its limits.",
    load: async () => (await import("./commands/proxy.ts")).proxyCommand(),
  },
  {
    name: "backlog",
    does: "What waits, by tenant, and when it will be done at the present pace.",
    load: async () => (await import("./commands/backlog.ts")).backlogCommand(),
  },
  {
    name: "pause",
    takes: ["<scope>", "<id>"],
    does: "Let a tenant, a connection, a flow or a connector wait, in all processes within a second.",
    load: async () => (await import("./commands/pause.ts")).pauseCommand(),
  },
  {
    name: "resume",
    takes: ["<scope>", "<id>"],
    does: "Let go on what was paused.",
    load: async () => (await import("./commands/pause.ts")).resumeCommand(),
  },
  {
    name: "paused",
    does: "What is paused, by whom, and why.",
    load: async () => (await import("./commands/pause.ts")).pausedCommand(),
  },
  {
    name: "weights",
    does: "How much each tenant and lane gets compared with the others, while they want more than there is; and setting it.",
    load: async () => (await import("./commands/weights.ts")).weightsCommand(),
  },
  {
    name: "reproduce",
    takes: ["[id]"],
    does: "Make a file of a failed attempt, without secrets and personal data; or run one again, offline.",
    load: async () => (await import("./commands/reproduce.ts")).reproduceCommand(),
  },
  {
    name: "doctor",
    does: "What is wrong with this installation, and how to mend it. Changes nothing.",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  },
  {
    name: "migrate",
    does: "Bring the database up to date. Safe to run twice; belay start does it by itself.",
    load: async () => (await import("./commands/migrate.ts")).migrateCommand(),
  },
  {
    name: "api-keys",
    does: "Make, list, replace and revoke the keys that programs come in with.",
    load: async () => (await import("./commands/api-keys.ts")).apiKeysCommand(),
  },
  {
    name: "audit",
    does: "Who did what: export the audit log, and check that nobody has tampered with it.",
    load: async () => (await import("./commands/audit.ts")).auditCommand(),
  },
  {
    name: "keys",
    does: "Make, rotate and destroy the keys that stored contents are encrypted under.",
    load: async () => (await import("./commands/keys.ts")).keysCommand(),
  },
  {
    name: "simulate",
    takes: ["<connector>"],
    does: "Serve a provider on this machine, made from its connector: its routes, its limits, its errors, its webhooks.",
    load: async () => (await import("./commands/simulate.ts")).simulateCommand(),
  },
  {
    name: "start",
    does: "Run Belay on Postgres. Start as many as you like, each with the roles you want.",
    load: async () => (await import("./commands/start.ts")).startCommand(),
  },
  {
    name: "completion",
    takes: ["<shell>"],
    does: "Print a script that lets your shell complete commands and options.",
    load: async () => (await import("./commands/completion.ts")).completionCommand(),
  },
];
