import type { AnswerCache, CacheAsk, CacheChange, CacheFound } from "@belay/sdk/http";
import { randomUUID } from "node:crypto";
import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { Endings, recordName } from "./end-changes.ts";
import { type EntryKey, insertUse, landFlight, type Looked, lookUp, takeFlight, trimEntries } from "./store.ts";
import { UseWatch } from "./watch-uses.ts";

/** What a sync keeps of a record as the provider listed it, if it was surely so at most `maxAgeMs` ago. */
export type KeptRecords = (
  asked: { readonly tenant: string; readonly connection: string; readonly resource: string; readonly externalId: string },
  maxAgeMs: number,
) => Promise<{ readonly raw: string; readonly ageMs: number } | undefined>;

/** How a look-up ended: from an entry, from what a sync keeps, together with another that asked, or by asking the provider. */
export type LookUp = "hit.entry" | "hit.record" | "hit.shared" | "miss";

export interface CacheParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: what syncs keep is not looked at. */
  readonly keptRecords?: KeptRecords;
  /** Told of every look-up. Must be quick. */
  readonly onLookUp?: (asked: Pick<CacheAsk, "tenant" | "connection" | "resource">, how: LookUp) => void;
  /** How often this process looks which resources are looked up at all, ms. Default 1,000; nothing is kept of a resource in the first five times as long. 0: every write is taken to end something. */
  readonly watchEveryMs?: number;
  /** How long others wait for one that asks, as does whoever takes over from a process that was killed, ms: longer than a call. Default 30,000. */
  readonly flightMs?: number;
}

/** The cache of a process: its entries lie in the database and are those of all processes. */
export interface CacheBook extends AnswerCache {
  /** Resolves when what was said to be changed until now is no answer any more; rejects where that could not be written down. Undefined: there is nothing to wait for. */
  settled(): Promise<void> | undefined;
  /** Calling it twice is safe. */
  close(): Promise<void>;
}

const lookAgainMs = 50;
const trimEvery = 100;
/** Of each tenant; exceeded by no more than what a process keeps in between. */
export const mostOfTenant = { rows: 10_000, bytes: 64 * 1024 * 1024 };
const purpose = "cache.entry";

/** Where somebody of this process looks or asks, and others wait. */
interface Place {
  readonly name: string;
  readonly asked: CacheAsk;
  /** Undefined: it brought nothing, and another has to look. */
  readonly landed: PromiseWithResolvers<Landed | undefined>;
  /** Undefined: nothing is kept of it. */
  row: (EntryKey & { readonly flight: string }) | undefined;
  /** From before the call. */
  at: number;
  /** The turn at which it last began to look or to ask: what it brings was so after that. */
  turn: number;
  /** Something was changed since it began: what it brings may be from before. */
  ended: boolean;
}

interface Landed {
  readonly value: string;
  readonly at: number;
  /** For those who came before this turn: who came later may have come after a change that this does not have. */
  readonly before: number;
}

/** Opens the cache of a process. */
export function openCache(parts: CacheParts): CacheBook {
  return new Book(parts);
}

class Book implements CacheBook {
  readonly #parts: CacheParts;
  readonly #flightMs: number;
  readonly #uses: UseWatch;
  readonly #endings: Endings;
  /** By what is looked up. */
  readonly #places = new Map<string, Place>();
  readonly #flights = new Map<number, Place>();
  /** The order of what happens in this process. */
  #turns = 0;
  #kept = 0;

  constructor(parts: CacheParts) {
    const { db, cipher, clock, logger, watchEveryMs: everyMs = 1_000, flightMs = 30_000 } = parts;
    this.#parts = parts;
    this.#flightMs = flightMs;
    this.#uses = new UseWatch({ db, clock, logger, everyMs });
    this.#uses.start();
    this.#endings = new Endings({ db, cipher, logger });
  }

  async find(asked: CacheAsk): Promise<CacheFound> {
    const { clock, logger, onLookUp } = this.#parts;
    let found: CacheFound & { readonly shared?: true } = { kind: "ask", flight: null };
    try {
      found = await this.#find(asked, clock.now() + this.#flightMs);
    } catch (error) {
      logger.warn({ error, tenant: asked.tenant }, "An answer could not be looked up; the provider is asked.");
    }
    const { shared, ...answer } = found;
    onLookUp?.(
      asked,
      answer.kind === "ask" ? "miss" : shared === true ? "hit.shared" : answer.kind === "answer" ? "hit.entry" : "hit.record",
    );
    return answer;
  }

  land(flight: number, value: string | null): void {
    const place = this.#flights.get(flight);
    this.#flights.delete(flight);
    if (place !== undefined) void this.#keep(place, value);
  }

  changed(change: CacheChange): void {
    for (const place of this.#places.values()) if (isOf(place.asked, change)) place.ended = true;
    if (this.#uses.has(change)) this.#endings.add(change);
  }

  settled(): Promise<void> | undefined {
    return this.#endings.settled();
  }

  async close(): Promise<void> {
    await this.#uses.close();
    await this.#endings.settled()?.catch(() => undefined); // said where it failed; the entries end by their age
  }

  /** Looks, waits for whoever in this process looks or asks already, and looks again when that brought nothing. */
  async #find(asked: CacheAsk, until: number): Promise<CacheFound & { readonly shared?: true }> {
    const { clock } = this.#parts;
    const came = this.#nextTurn();
    // Whoever has written finds nothing from before.
    await this.#endings.settled();
    const name = JSON.stringify([asked.tenant, asked.connection, asked.resource, asked.key]);
    while (clock.now() < until) {
      const there = this.#places.get(name);
      if (there === undefined) return await this.#look(name, asked, until);
      const landed = await within(clock, until - clock.now(), there.landed.promise);
      if (landed === undefined || came > landed.before) continue;
      const ageMs = clock.now() - landed.at;
      if (ageMs <= asked.maxAgeMs) return { kind: "answer", value: landed.value, ageMs, shared: true };
    }
    return { kind: "ask", flight: null };
  }

  /** The one of this process who looks: what is found, those who wait get too. */
  async #look(name: string, asked: CacheAsk, until: number): Promise<CacheFound> {
    const at = this.#parts.clock.now();
    const place: Place = { name, asked, landed: Promise.withResolvers(), row: undefined, at, turn: this.#nextTurn(), ended: false };
    this.#places.set(name, place);
    try {
      const found = await this.#lookInDatabase(place, until);
      if (found !== undefined) {
        // As old as it was when it was looked for, which was after `place.at`.
        this.#leave(place, found.kind === "answer" ? { value: found.value, at: place.at - found.ageMs, before: place.turn } : undefined);
        return found;
      }
      place.turn = this.#nextTurn();
      place.at = this.#parts.clock.now();
      this.#flights.set(place.turn, place);
      return { kind: "ask", flight: place.turn };
    } catch (error) {
      this.#leave(place, undefined);
      throw error;
    }
  }

  /** @returns `undefined`: the caller is to ask. */
  async #lookInDatabase(place: Place, until: number): Promise<Exclude<CacheFound, { kind: "ask" }> | undefined> {
    const { db, cipher, clock } = this.#parts;
    const { asked } = place;
    const [key, record] = await keysOf(cipher, asked);
    const entry = { tenant: asked.tenant, connection: asked.connection, resource: asked.resource, key };
    while (clock.now() < until) {
      place.turn = this.#nextTurn();
      place.at = clock.now();
      const looked = await lookUp(db, entry, asked.maxAgeMs);
      if (looked === undefined) {
        await insertUse(db, entry);
        return undefined;
      }
      const found = (await this.#open(asked, looked)) ?? (await this.#ofSync(asked, looked.quietMs));
      if (found !== undefined) return found;
      // Not every process may know yet that writes have something to end.
      if (looked.usedMs < this.#uses.settleMs) return undefined;
      const flight = randomUUID();
      if (!looked.inFlight && (await takeFlight(db, { ...entry, record, flight }, this.#flightMs))) {
        place.row = { ...entry, flight };
        return undefined;
      }
      await clock.sleep(lookAgainMs);
    }
    return undefined;
  }

  async #open({ tenant }: CacheAsk, { value, ageMs }: Looked): Promise<Exclude<CacheFound, { kind: "ask" }> | undefined> {
    if (value === null || ageMs === null) return undefined;
    const [opened] = await openEach(this.#parts.cipher, [{ tenant, purpose, value }]);
    if (opened === undefined || !("bytes" in opened)) return undefined;
    return { kind: "answer", value: Buffer.from(opened.bytes).toString(), ageMs };
  }

  async #ofSync({ record, maxAgeMs, ...asked }: CacheAsk, quietMs: number): Promise<Exclude<CacheFound, { kind: "ask" }> | undefined> {
    if (record === null) return undefined;
    const kept = await this.#parts.keptRecords?.({ ...asked, externalId: record }, Math.min(maxAgeMs, quietMs));
    return kept && { kind: "record", value: kept.raw, ageMs: kept.ageMs };
  }

  async #keep(place: Place, value: string | null): Promise<void> {
    const { db, cipher, logger } = this.#parts;
    const { row, at, asked } = place;
    const { tenant } = asked;
    let before = place.turn;
    try {
      if (row !== undefined) {
        const [sealed] = value === null || place.ended ? [] : await cipher.seal([{ tenant, purpose, value: Buffer.from(value) }]);
        const turn = this.#nextTurn();
        // Where it landed, no process had changed anything until then.
        if (await landFlight(db, row, sealed ?? null)) before = turn;
        this.#kept += 1;
        if (this.#kept % trimEvery === 0) await trimEntries(db, tenant, mostOfTenant);
      }
    } catch (error) {
      logger.warn({ error, tenant }, "An answer could not be kept; the next caller asks again.");
    }
    this.#leave(place, value === null ? undefined : { value, at, before });
  }

  #leave(place: Place, landed: Landed | undefined): void {
    this.#places.delete(place.name);
    place.landed.resolve(landed);
  }

  #nextTurn(): number {
    this.#turns += 1;
    return this.#turns;
  }
}

function isOf({ tenant, connection, resource, record }: CacheAsk, change: CacheChange): boolean {
  if (tenant !== change.tenant || connection !== change.connection) return false;
  if (change.resource !== null && resource !== change.resource) return false;
  return change.record === null || record === null || record === change.record;
}

/** Of the call, and of the record; hexadecimal. */
async function keysOf(cipher: Cipher, { tenant, connection, resource, key, record }: CacheAsk): Promise<[string, string | null]> {
  const [first, second] = await cipher.fingerprint([
    { tenant, value: JSON.stringify(["cache", connection, key]) },
    { tenant, value: recordName(connection, resource, record ?? "") },
  ]);
  const toHex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");
  return [toHex(first), record === null ? null : toHex(second)];
}

async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  const tooLate = clock.sleep(ms, stop.signal).then(
    () => undefined,
    () => undefined, // called off
  );
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    stop.abort();
  }
}
