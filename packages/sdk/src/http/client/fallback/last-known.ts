import type { Connection } from "../../../config/define-config.ts";
import type { Clock } from "../../clock.ts";

/** An answer that is to be remembered. */
export interface KeptAnswer {
  readonly tenant: string;
  readonly connection: string;
  /** Names the call: its label and path. May hold personal data. */
  readonly key: string;
  /** JSON text. */
  readonly value: string;
  /** Epoch milliseconds at which the call began: what it was answered was surely true then or later. */
  readonly at: number;
}

export interface KnownAnswer {
  readonly value: string;
  /** At least as old as it is. */
  readonly ageMs: number;
}

/** Remembers what calls were answered with last, each tenant's apart. */
export interface LastKnown {
  /** Must be quick. What is kept may be lost in a crash: then there is nothing, or something older, to fall back on. */
  keep(answer: KeptAnswer): void;
  /** Undefined where nothing is known, or nothing can be found out. */
  find(asked: Pick<KeptAnswer, "tenant" | "connection" | "key">): Promise<KnownAnswer | undefined>;
}

/** The same for one connection. */
export interface ConnectionLastKnown {
  keep(answer: Pick<KeptAnswer, "key" | "value" | "at">): void;
  find(key: string): Promise<KnownAnswer | undefined>;
}

export function lastKnownOf({ id: connection, tenant }: Connection, port: LastKnown): ConnectionLastKnown {
  return {
    keep: (answer) => port.keep({ tenant, connection, ...answer }),
    find: (key) => port.find({ tenant, connection, key }),
  };
}

const mostKept = 1_000;

/** Keeps the newest thousand in memory: for tests, trials and scripts. */
export function createMemoryLastKnown(clock: Pick<Clock, "now">): LastKnown {
  const kept = new Map<string, KeptAnswer>();
  const nameOf = ({ tenant, connection, key }: Pick<KeptAnswer, "tenant" | "connection" | "key">): string =>
    JSON.stringify([tenant, connection, key]);
  return {
    keep(answer) {
      const name = nameOf(answer);
      const before = kept.get(name);
      if (before !== undefined && before.at > answer.at) return;
      kept.delete(name);
      kept.set(name, answer);
      const [oldest] = kept.keys();
      if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    },
    find(asked) {
      const found = kept.get(nameOf(asked));
      return Promise.resolve(found && { value: found.value, ageMs: clock.now() - found.at });
    },
  };
}
