/**
 * Connections that tenants make while Belay runs, beside those of the configuration.
 *
 * Terms: to *add* a connection is to make it known; it is *connected* while it has a credential, which the slice `credentials` keeps, and *disconnected* after it was
 * given up; *removed* is one that is forgotten for good. A *follower* keeps the catalog of its process as the table is.
 *
 * Tables owned: connection.
 *
 * Invariants: an id that begins with `conn_` is of this table, any other of the configuration. A connection is added only if every flow can still tell which
 * connection is meant. A change is in the catalog of every process within a second, within five if its notice was lost. What names people is sealed.
 *
 * @module
 */
export { addConnection, checkConnectable, newConnectionId, newEndpoint } from "./add-connection.ts";
export { noteConnected, noteDisconnected, removeConnection, setWebhookSecrets } from "./change-connection.ts";
export type { Connected } from "./change-connection.ts";
export { readFacts, sealAccount } from "./connected-account.ts";
export type { ConnectedAccount, ConnectionFacts } from "./connected-account.ts";
export { connectionErrors } from "./errors.ts";
export { followConnections } from "./follow-connections.ts";
export type { ConnectionFollower } from "./follow-connections.ts";
export { connectionJobs } from "./jobs.ts";
export { clearRevoking, findRevoking, openRevoking, sealRevoking } from "./revoking.ts";
export type { RevokingGrant, RevokingRow } from "./revoking.ts";
export type { ConnectionKey } from "./store.ts";
