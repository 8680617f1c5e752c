import type { Webhooks } from "@belay/sdk";
import { seedFor } from "../random.ts";
import type { Random } from "../random.ts";
import { pick } from "../generate/plausible-text.ts";

/** What happened to a thing. */
export type Change = "create" | "update" | "delete";

/** Something at the provider that events tell of: an issue, a customer. */
export interface Thing {
  /** Counts the things of an account, from 1. */
  readonly number: number;
  /** Everything about it that never changes is drawn from this. */
  readonly seed: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Counts its changes, from 1, which is its creation. */
  readonly version: number;
}

/** The things of one account that its made-up events tell of. */
export interface Things {
  /** Lets something happen that causes an event of this type, to a thing that events have told of before where the type needs one. */
  next(type: string, now: number): { readonly type: string; readonly change: Change; readonly thing: Thing };
}

/** New ones appear as long as there are fewer than this. */
const fewest = 3;

/** Chance decides which thing changes. `update` of a thing nobody knows becomes its creation, where the provider tells of creations. */
export function keepThings(webhooks: Webhooks, seed: number, random: Random): Things {
  const kinds = new Map<unknown, Map<number, Thing>>();
  let count = 0;
  // Events of one schema or one resource tell of the same kind of thing.
  const kindOf = (type: string): unknown => webhooks.subjects?.[type]?.resource ?? webhooks.events[type];
  const causesOf = (type: string): readonly Change[] => {
    const { causedBy } = webhooks.subjects?.[type] ?? {};
    return changes.filter((change) => causedBy?.[change] !== undefined);
  };

  const create = (things: Map<number, Thing>, now: number): Thing => {
    count += 1;
    const thing = { number: count, seed: seedFor(seed, `thing/${count}`), createdAt: now, version: 1 };
    things.set(count, thing);
    return thing;
  };

  return {
    next(type, now) {
      const kind = kindOf(type);
      const things = kinds.get(kind) ?? new Map<number, Thing>();
      kinds.set(kind, things);
      const causes = causesOf(type);
      const changing = causes.filter((change) => change !== "create");
      if (causes.includes("create") && (changing.length === 0 || things.size < fewest || random() < 0.25)) {
        return { type, change: "create", thing: create(things, now) };
      }
      if (changing.length === 0) return { type, change: "update", thing: create(things, now) };
      if (things.size === 0) {
        const creation = Object.keys(webhooks.events).find((other) => kindOf(other) === kind && causesOf(other).includes("create"));
        return { type: creation ?? type, change: creation === undefined ? "update" : "create", thing: create(things, now) };
      }
      const known = pick(random, [...things.values()]);
      // A deletion is rare where the same event tells of updates too.
      const change = changing.includes("update") && (!changing.includes("delete") || random() < 0.9) ? "update" : "delete";
      const thing = { ...known, version: known.version + 1 };
      if (change === "delete") things.delete(known.number);
      else things.set(known.number, thing);
      return { type, change, thing };
    },
  };
}

const changes: readonly Change[] = ["create", "update", "delete"];
