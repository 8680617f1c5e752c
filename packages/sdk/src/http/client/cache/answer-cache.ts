import type { Connection } from "../../../config/define-config.ts";

/** What is looked up. */
export interface CacheAsk {
  readonly tenant: string;
  readonly connection: string;
  /** The resource's name, such as `owner`. */
  readonly resource: string;
  /** Names the call: its label and path. May hold personal data. */
  readonly key: string;
  /** The id of the record that is asked for by it; null: it is searched, or lives in a place. */
  readonly record: string | null;
  /** What is older is no answer. */
  readonly maxAgeMs: number;
}

/** What a provider answered, and how long ago that was surely true. */
export interface CachedAnswer {
  /** JSON text. */
  readonly value: string;
  readonly ageMs: number;
}

/**
 * What came of looking it up.
 *
 * - `answer`: an earlier call was answered so.
 * - `record`: a sync keeps it so, as the provider listed it.
 * - `ask`: nothing is known that is young enough, and the caller is to ask. With a `flight`, others wait for what it brings: the caller has to `land` it, whatever happens.
 */
export type CacheFound =
  | ({ readonly kind: "answer" } & CachedAnswer)
  | ({ readonly kind: "record" } & CachedAnswer)
  | { readonly kind: "ask"; readonly flight: number | null };

/** A record that was changed through Belay, or may have been. */
export interface CacheChange extends Pick<CacheAsk, "tenant" | "connection"> {
  /** Null: any of the connection. */
  readonly resource: string | null;
  /** Null: any of the resource. */
  readonly record: string | null;
}

/**
 * Answers of providers that may be given again for a while, shared by whoever calls the same connection. Where many look the same thing up at once, one asks and the others wait.
 * Trouble of its own is never the caller's: then the caller asks the provider.
 */
export interface AnswerCache {
  find(asked: CacheAsk): Promise<CacheFound>;
  /** A flight is over; `null`: it brought nothing that may be kept. Must be quick. */
  land(flight: number, value: string | null): void;
  /** What is known of the record from before is no answer any more. Must be quick. */
  changed(change: CacheChange): void;
}

/** The same for one connection. */
export interface ConnectionCache {
  find(asked: Omit<CacheAsk, "tenant" | "connection">): Promise<CacheFound>;
  land: AnswerCache["land"];
  changed(change: Pick<CacheChange, "resource" | "record">): void;
}

export function cacheOf({ id: connection, tenant, account, baseUrl, settings }: Connection, port: AnswerCache): ConnectionCache {
  // The same id may lead to another account one day, whose records are others.
  const to = JSON.stringify([account, baseUrl, settings]);
  return {
    find: ({ key, ...asked }) => port.find({ tenant, connection, ...asked, key: `${to} ${key}` }),
    land: (flight, value) => port.land(flight, value),
    changed: (change) => port.changed({ tenant, connection, ...change }),
  };
}
