import type { Client } from "../connector/client-types.ts";
import type { AnyConnector } from "../connector/define-connector.ts";
import type { ConnectorDefinition } from "../connector/types.ts";
import { describe, refuser } from "../definition/refuse.ts";
import type { Duration } from "../duration.ts";
import type { FlowContext } from "../flow/context.ts";
import type { Flow } from "../flow/define-flow.ts";
import { checkBatch } from "./check-batch.ts";
import { compileBatch } from "./compile-batch.ts";
import type { ListingSource } from "./listing-source.ts";

/** What a source is asked with. */
export interface BatchRead<Target = unknown> {
  /** The `next` of the page before, as JSON gives it back; `null` for the first page. */
  readonly cursor: unknown;
  /** What the run was started with; `null`: nothing. */
  readonly input: unknown;
  readonly tenant: string;
  /** The resources of the connector that is written to, for sets that lie there. */
  readonly target: Target;
  /** Aborts when the run's time is up. */
  readonly signal: AbortSignal;
}

/** Some items of a set. */
export interface BatchPage<Item> {
  /** JSON. At most about a thousand, and a few megabytes: they are kept together or not at all. May be empty. */
  readonly items: readonly Item[];
  /** Where the next page begins, JSON; without it this is the last. A page that is read again after a crash must have the same items. */
  readonly next?: unknown;
  /** How many items there are in all, where that is known. */
  readonly total?: number;
}

/** A set that is read page by page. */
export interface BatchSource<Item, Target = unknown> {
  readonly read: (read: BatchRead<Target>) => Promise<BatchPage<unknown>>;
  /** Makes an item of what was read, when it is its turn: what cannot be read fails alone. */
  readonly parse: (read: unknown) => Item;
}

/** What `run` gets for one item. */
export interface BatchContext<Item, Target> extends Pick<FlowContext<never, Target>, "tenant" | "attempt" | "step" | "target" | "signal"> {
  readonly item: Item;
  /** The id of the run that the item belongs to. */
  readonly batchRun: string;
}

export interface BatchDefinition<Item, Target extends ConnectorDefinition> {
  /** Lower case, stable, and no flow's: it is part of idempotency keys. */
  readonly id: string;
  /** The set: `csv(…)`, `ndjson(…)`, `listing(hubspot.contact)`, or a function that reads a page. */
  readonly over: BatchSource<Item, Client<Target>> | ListingSource<Item> | ((read: BatchRead<Client<Target>>) => Promise<BatchPage<Item>>);
  /** The connector that is written to. */
  readonly to: Target;
  /** Items with the same key run one after another; others side by side. At most 512 characters. Default: no order. */
  readonly orderKey?: (item: Item) => string | number;
  /** Starts a run so often for each tenant that has the target, spread over the time; never while one is reading. Default: only when asked. */
  readonly every?: Duration;
  /** Does the work for one item. It may run again after a crash: wrap effects in `step`. */
  readonly run: (context: BatchContext<Item, Client<Target>>) => Promise<void>;
}

/** A batch, with its types erased for the runner. */
export interface Batch {
  readonly id: string;
  readonly to: AnyConnector;
  readonly every?: Duration;
  /** What its reading and its items run as. */
  readonly flow: Flow;
}

/**
 * Declares work over a set: each item is a message of its own, with attempts, order and dead letter of its own; a page of items is kept together with the place where the next
 * one begins, so that a run goes on after any crash and gives each item once.
 *
 * ```ts
 * export const welcome = defineBatch({
 *   id: "welcome",
 *   over: csv((offset) => createReadStream("customers.csv", { start: offset })),
 *   to: mailer,
 *   run: async ({ item, step, target }) => void (await step("send", () => target.letter.create({ to: item.email ?? "" }))),
 * });
 * ```
 *
 * @throws `SDK_BATCH_INVALID` naming the field and what to write instead.
 */
export function defineBatch<Item, Target extends AnyConnector>(definition: BatchDefinition<Item, Target>): Batch {
  const { id } = Object(definition) as { readonly id?: unknown };
  checkBatch(definition, refuser("SDK_BATCH_INVALID", `Batch ${describe(id)}`, defineBatch));
  const { to, every } = definition;
  return { id: definition.id, to, ...(every !== undefined && { every }), flow: compileBatch(definition) };
}
