import { BelayError } from "../errors/belay-error.ts";
import type { EventReference } from "../connector/define-connector.ts";
import type { ConnectorDefinition } from "../connector/types.ts";
import { hostSource } from "../flow/define-events.ts";
import type { FlowContext } from "../flow/context.ts";
import type { Flow } from "../flow/define-flow.ts";
import type { Schema } from "../schema/index.ts";
import type { BatchDefinition, BatchRead } from "./define-batch.ts";

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
  readonly items: readonly { readonly order: string | null; readonly item: unknown }[];
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
  const source = typeof over === "function" ? { read: over, parse: (item: unknown) => item as Item } : over;
  const orderOf = (item: unknown): string | null => (orderKey === undefined ? null : String(orderKey(source.parse(item))));
  const readPage = async ({ event, tenant, target, signal, step }: FlowContext<ReadOrder, never>): Promise<void> => {
    const { cursor, input, ...place } = event;
    await step(pageStep, async (): Promise<ReadPage> => {
      const { items, next, total } = await source.read({ cursor, input, tenant, target, signal } satisfies BatchRead);
      checkPage(id, items, next);
      const keyed = items.map((item) => ({ order: orderOf(item), item }));
      return { ...place, items: keyed, next: next === undefined || next === null ? null : { cursor: next }, input, total: total ?? null };
    });
    // The result of a step is on disk before the next begins; that of the last would not be.
    await step("belay.batch-kept", () => Promise.resolve(true));
  };
  const runItem = async ({ event, ...context }: FlowContext<ItemOrder, never>): Promise<void> =>
    run({ ...context, item: source.parse(event.item), batchRun: event.run });
  return {
    id,
    on: [eventOf(batchEvents.read), eventOf(batchEvents.item)],
    to: to as unknown as Flow["to"],
    run: async (context: FlowContext<unknown, never>) =>
      context.type === batchEvents.read ? await readPage(context as never) : await runItem(context as never),
  };
}

const mostItems = 5_000;

function checkPage(id: string, items: unknown, next: unknown): void {
  if (!Array.isArray(items) || items.length > mostItems || typeof next === "function")
    throw new BelayError("SDK_BATCH_PAGE_INVALID", `Batch "${id}": a page must be { items, next }, JSON, with at most ${mostItems} items.`);
}
