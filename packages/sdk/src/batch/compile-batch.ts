import { BelayError, isBelayError } from "../errors/belay-error.ts";
import type { EventReference } from "../connector/define-connector.ts";
import type { ConnectorDefinition } from "../connector/types.ts";
import { hostSource } from "../flow/define-events.ts";
import type { FlowContext } from "../flow/context.ts";
import type { Flow } from "../flow/define-flow.ts";
import type { Schema } from "../schema/index.ts";
import type { BatchDefinition, BatchPage, BatchRead } from "./define-batch.ts";
import { isListing, keyOfListed, type OpenedListing, parseListed, readListing } from "./listing-source.ts";

/** The types of the messages that a run of a batch is made of. */
export const batchEvents = { read: "batch.read", item: "batch.item" } as const;

/** The step whose result is a page. Whoever stores steps keeps its items and the place of the next page instead. */
export const pageStep = "belay.batch-page";

/** What a message says that asks for a page. */
export interface ReadOrder {
  readonly run: string;
  readonly page: number;
  readonly cursor: unknown;
  readonly input: unknown;
}

/** A page that was read, on its way to where it is kept. */
export interface ReadPage extends Pick<ReadOrder, "run" | "page"> {
  readonly items: readonly {
    readonly order: string | null;
    /** Whatever has the same one in a run is the same item, and given once. Absent: each is one of its own. */
    readonly key?: string;
    readonly item: unknown;
  }[];
  /** `null`: it was the last. */
  readonly next: { readonly cursor: unknown } | null;
  readonly input: unknown;
  readonly total: number | null;
}

interface ItemOrder {
  readonly run: string;
  readonly item: unknown;
}

/** Messages of a batch are made by Belay itself: there is nothing to check again. */
const ours: Schema = { "~standard": { version: 1, vendor: "belay", validate: (value) => ({ value }) } };
const eventOf = (type: string): EventReference => ({ connector: hostSource, type, schema: ours });

/** A batch as what runs it knows it: one flow for two kinds of messages, those that ask for a page and those that are an item. */
export function compileBatch<Item, Target extends ConnectorDefinition>({
  id,
  to,
  over,
  orderKey,
  run,
}: BatchDefinition<Item, Target>): Flow {
  const source = sourceOf(over);
  const orderOf = async (item: unknown): Promise<string | null> => {
    if (orderKey === undefined) return null;
    try {
      return String(orderKey(await source.parse(item)));
    } catch (error) {
      // What cannot be read fails alone, when it is its turn.
      if (isBelayError(error) && error.code === "SDK_BATCH_ITEM_MALFORMED") return null;
      throw error;
    }
  };
  const readPage = async ({ event, tenant, target, signal, step, connections }: BatchContexts): Promise<void> => {
    const { cursor, input, ...place } = event;
    const opened = connections[listedFrom];
    await step(pageStep, async (): Promise<ReadPage> => {
      const { items, next, total } = await source.read({ cursor, input, tenant, target, signal } satisfies BatchRead, opened);
      checkPage(id, items, next);
      const keyed = await Promise.all(items.map(async (item) => ({ order: await orderOf(item), ...source.keyOf?.(item, opened), item })));
      return { ...place, items: keyed, next: next === undefined || next === null ? null : { cursor: next }, input, total: total ?? null };
    });
    // The result of a step is on disk before the next begins; that of the last would not be.
    await step("belay.batch-kept", () => Promise.resolve(true));
  };
  const runItem = async ({ event, ...context }: FlowContext<ItemOrder, never>): Promise<void> =>
    run({ ...context, item: await source.parse(event.item), batchRun: event.run });
  return {
    id,
    ...(isListing(over) && { connections: { [listedFrom]: { id: over.of.connector } }, lists: { [listedFrom]: over.of.resource } }),
    on: [eventOf(batchEvents.read), eventOf(batchEvents.item)],
    to: to as unknown as Flow["to"],
    run: async (context: FlowContext<unknown, never>) =>
      context.type === batchEvents.read ? await readPage(context as never) : await runItem(context as never),
  };
}

/** The name of the connection that a listing is read from. */
const listedFrom = "listed";

type BatchContexts = FlowContext<ReadOrder, never, { readonly [listedFrom]?: OpenedListing }>;

/** However the set is given, read in one way. */
interface AnySource<Item> {
  readonly read: (read: BatchRead<never>, opened: OpenedListing | undefined) => Promise<BatchPage<unknown>>;
  readonly parse: (read: unknown) => Item | Promise<Item>;
  readonly keyOf?: (read: unknown, opened: OpenedListing | undefined) => { readonly key?: string };
}

function sourceOf<Item, Target extends ConnectorDefinition>(over: BatchDefinition<Item, Target>["over"]): AnySource<Item> {
  if (typeof over === "function") return { read: over, parse: (item) => item as Item };
  if (!isListing(over)) return over;
  return {
    read: async (read, opened) => {
      if (opened === undefined)
        throw new BelayError("SDK_BATCH_LISTING_BROKEN", `There is no connection to ${over.of.connector}.`, { retry: "backoff" });
      return await readListing(over, read, opened);
    },
    parse: async (record) => (await parseListed(over.of, record)) as Item,
    keyOf: (record, opened) => {
      const key = opened && keyOfListed(opened.resource, record);
      return key === null || key === undefined ? {} : { key };
    },
  };
}

const mostItems = 5_000;

function checkPage(id: string, items: unknown, next: unknown): void {
  if (!Array.isArray(items) || items.length > mostItems || typeof next === "function")
    throw new BelayError("SDK_BATCH_PAGE_INVALID", `Batch "${id}": a page must be { items, next }, JSON, with at most ${mostItems} items.`);
}
