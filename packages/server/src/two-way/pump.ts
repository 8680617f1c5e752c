import type { CatalogChange, CatalogInForce } from "../catalog/index.ts";
import { type FeedEnd, listMovedFeeds, readPositions } from "../feed/index.ts";
import type { MailboxKey } from "../mailbox/index.ts";
import { type Clock, type Logger, WakeUp } from "../telemetry/index.ts";
import { findSides } from "./find-sides.ts";
import { releaseAwaiting } from "./release-awaiting.ts";
import { type AwaitingPlace, ensureTwoWays, forgetLinks, readTwoWayRows, type TwoWayRow } from "./store.ts";
import { takeTurn, type Turn, type TurnParts } from "./take-turn.ts";
import type { TwoWayKey } from "./types.ts";

export interface PumpParts extends TurnParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly catalog: Pick<CatalogInForce, "twoWays" | "ofTenant" | "connections" | "watch">;
  /** Told of the mailboxes that got something to do. */
  readonly onCommitted: (mailboxes: readonly MailboxKey[]) => void;
}

/** Looks for what two-way syncs have to merge. */
export interface TwoWayPump {
  /** Looks now. */
  ring(): void;
  /** The configuration is another one. */
  reloaded(): void;
  close(): Promise<void>;
}

const pollMs = 500;
/** How many rows one statement makes, and how many turns are taken before it is looked anew. */
const chunk = 1_000;
const mostTurns = 200;
/** For so long what stands between other connections is left to the processes that know them: those of another configuration, while both run. */
const leaveMs = 15 * 60_000;

/**
 * Starts what looks for changes to merge. What it costs does not depend on tenants in whose feeds nothing is new; with a configuration without two-way syncs it looks at nothing. Of several
 * processes one takes each turn.
 */
export function startTwoWayPump(parts: PumpParts): TwoWayPump {
  const { catalog, clock, logger } = parts;
  const pump = new Pump(parts);
  const noticed = new WakeUp(clock);
  const unwatch = catalog.watch((change: CatalogChange) => {
    if (change.kind !== "put") return;
    pump.look(change.connection.tenant);
    noticed.ring();
  });
  let closed = false;
  const run = async (): Promise<void> => {
    while (!closed) {
      try {
        if (await pump.turn()) noticed.ring();
      } catch (error) {
        logger.warn({ error }, "What two-way syncs have to merge could not be looked for; it is tried again.");
      }
      await noticed.sleep(pollMs);
    }
  };
  const running = run();
  return {
    ring: () => noticed.ring(),
    reloaded: () => {
      pump.lookAtAll();
      noticed.ring();
    },
    close: async () => {
      closed = true;
      unwatch();
      noticed.ring();
      await running;
    },
  };
}

class Pump {
  readonly #parts: PumpParts;
  /** Tenants whose connections may not be known yet. */
  readonly #strange = new Set<string>();
  /** Two-way syncs in whose feed something may be new. */
  readonly #due = new Map<string, TwoWayKey>();
  /** Those that stand between connections that this process does not know, and since when. */
  readonly #moved = new Map<string, number>();
  #seen = "0";
  #awaitedAfter: AwaitingPlace | undefined;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.lookAtAll();
  }

  look(tenant: string): void {
    this.#strange.add(tenant);
  }

  lookAtAll(): void {
    for (const { tenant } of this.#parts.catalog.connections.values()) this.#strange.add(tenant);
    this.#seen = "0";
  }

  /** @returns whether there is more to do at once. */
  async turn(): Promise<boolean> {
    const { catalog, db, onCommitted } = this.#parts;
    if (catalog.twoWays.size === 0) return false;
    await this.#ensure();
    const { feeds, seen } = await listMovedFeeds(db, this.#seen);
    await this.#lineUp(feeds);
    this.#seen = seen;
    let more = false;
    for (const [text, key] of [...this.#due].slice(0, mostTurns)) {
      const { mailboxes, then } = await this.#takeTurn(text, key);
      if (mailboxes.length > 0) onCommitted(mailboxes);
      // Whoever else is at it may not come to the end of it: it is looked at again later.
      if (then === "end") this.#due.delete(text);
      else more ||= then === "more";
      if (then === "moved") this.#leave(text, key);
      else this.#moved.delete(text);
    }
    const { mailboxes, next } = await releaseAwaiting(this.#parts, this.#awaitedAfter);
    this.#awaitedAfter = next;
    if (mailboxes.length > 0) onCommitted(mailboxes);
    return more || this.#due.size > mostTurns || next !== undefined || mailboxes.length > 0;
  }

  /** One tenant's trouble, a master key that is out of reach, say, must not keep the others from their turns: it comes behind them next time. */
  async #takeTurn(text: string, key: TwoWayKey): Promise<Turn> {
    try {
      return await takeTurn(this.#parts, key);
    } catch (error) {
      this.#parts.logger.warn({ error, ...key }, "What a two-way sync has to merge could not be looked at; it is tried again.");
      this.#due.delete(text);
      this.#due.set(text, key);
      return { mailboxes: [], then: "taken" };
    }
  }

  /** It comes behind the others. In the end it is put back between the connections that are known here: who moved it may be gone. */
  #leave(text: string, key: TwoWayKey): void {
    const now = this.#parts.clock.now();
    const since = this.#moved.get(text) ?? now;
    this.#moved.set(text, since);
    this.#due.delete(text);
    this.#due.set(text, key);
    if (now - since < leaveMs) return;
    this.#moved.delete(text);
    this.look(key.tenant);
  }

  /** Those of moved feeds that have not been looked at up to their end. */
  async #lineUp(feeds: readonly FeedEnd[]): Promise<void> {
    const ends = new Map(feeds.map(({ tenant, position }) => [tenant, position]));
    const keys = feeds.flatMap(({ tenant }) => this.#keysOf(tenant));
    for (let at = 0; at < keys.length; at += chunk) {
      for (const { tenant, twoWay, position } of await readTwoWayRows(this.#parts.db, keys.slice(at, at + chunk)))
        if (position < (ends.get(tenant) ?? 0)) this.#due.set(`${tenant}\n${twoWay}`, { tenant, twoWay });
    }
  }

  #keysOf(tenant: string): TwoWayKey[] {
    const { catalog } = this.#parts;
    return [...catalog.twoWays.values()].flatMap((twoWay) =>
      findSides(catalog, twoWay, tenant).kind === "found" ? [{ tenant, twoWay: twoWay.id }] : [],
    );
  }

  async #ensure(): Promise<void> {
    const { catalog, db } = this.#parts;
    while (this.#strange.size > 0) {
      const tenants = [...this.#strange].slice(0, chunk);
      const ends = await readPositions(db, tenants);
      const rows = tenants.flatMap((tenant) =>
        [...catalog.twoWays.values()].flatMap((twoWay): Omit<TwoWayRow, "position">[] => {
          const found = findSides(catalog, twoWay, tenant);
          if (found.kind !== "found") return [];
          const begun = ends.get(tenant) ?? 0;
          return [{ tenant, twoWay: twoWay.id, a: found.sides.a.connection, b: found.sides.b.connection, begun }];
        }),
      );
      if (rows.length > 0)
        await db.transaction().execute(async (tx) => {
          for (const key of await ensureTwoWays(tx, rows)) await forgetLinks(tx, key);
        });
      for (const tenant of tenants) {
        for (const key of this.#keysOf(tenant)) this.#due.set(`${tenant}\n${key.twoWay}`, key);
        this.#strange.delete(tenant);
      }
    }
  }
}
