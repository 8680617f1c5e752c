import type { FaultCounts } from "./faults.ts";

/** How much of everything a run does. */
export interface Scale {
  /** At least so many acknowledged events. */
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly tenants: number;
  /** Order keys of each tenant and target. */
  readonly keys: number;
  readonly workers: number;
  readonly leaseMs: number;
  /** Mailboxes of one worker at most; two workers have room for all of them, so that killed and stopped ones are made up for. */
  readonly maxMailboxes: number;
  readonly faults: FaultCounts;
  /** Over how long faults are spread. */
  readonly spreadMs: number;
  /** The run is given up after so long. */
  readonly longestMs: number;
}

const common = { eventsPerSecond: 110, tenants: 8, keys: 8, workers: 4, leaseMs: 2_000, maxMailboxes: 12 };

export const fullScale: Scale = {
  ...common,
  events: 50_000,
  faults: { kills: 200, zombies: 50, ingestKills: 20, restarts: 20 },
  spreadMs: 540_000,
  longestMs: 18 * 60_000,
};

export const quickScale: Scale = {
  ...common,
  events: 5_000,
  faults: { kills: 20, zombies: 3, ingestKills: 3, restarts: 2 },
  spreadMs: 45_000,
  longestMs: 200_000,
};
