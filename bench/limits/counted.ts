/** How the provider counts the calls of a connector, and how many of the bench's connections are to it. */
export interface Counted {
  readonly connector: string;
  readonly scope: "app" | "connection";
  readonly counts: "sliding" | "fixed";
  readonly requests: number;
  readonly perMs: number;
  readonly connections: number;
  /** Of what is allowed, how much has to be used while there is work. */
  readonly leastUsed: number;
}

/** What the bench and the provider's process agree on: one hundred connections in all. */
export const counted: readonly Counted[] = [
  { connector: "long", scope: "app", counts: "sliding", requests: 200, perMs: 10_000, connections: 25, leastUsed: 0.95 },
  { connector: "short", scope: "app", counts: "fixed", requests: 60, perMs: 2_000, connections: 25, leastUsed: 0.9 },
  { connector: "each", scope: "connection", counts: "sliding", requests: 10, perMs: 10_000, connections: 50, leastUsed: 0.95 },
];

/** Calls a second that all of it allows together. */
export const allowedPerSecond = counted.reduce(
  (sum, { scope, requests, perMs, connections }) => sum + (requests * 1_000 * (scope === "app" ? 1 : connections)) / perMs,
  0,
);

/** Calls a second that one connection may make, if it is one whose provider allows the most. */
export const mostPerSecondEach = Math.max(
  ...counted.map(({ scope, requests, perMs, connections }) => (requests * 1_000) / perMs / (scope === "app" ? connections : 1)),
);

export const connectionsInAll = counted.reduce((sum, { connections }) => sum + connections, 0);

/** What the connection of this number is counted by. */
export function countedBy(index: number): Counted {
  let before = 0;
  for (const each of counted) {
    if (index < before + each.connections) return each;
    before += each.connections;
  }
  throw new Error(`There is no connection ${index}.`);
}
