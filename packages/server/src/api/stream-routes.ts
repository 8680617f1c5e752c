import { BelayError } from "@belay/sdk";
import { z } from "zod";
import { type EventName, eventTypes, readEvents, type StoredEvent, type StreamPlace } from "../stream/index.ts";
import { pageQuery, storable } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const streamQuery = pageQuery.extend({
  tenant: storable.optional(),
  type: z.enum(Object.keys(eventTypes) as [EventName, ...EventName[]]).optional(),
});

const event = z
  .object({
    specversion: z.literal("1.0"),
    id: z.string().describe("Unique in this installation."),
    source: z.string().describe("`/belay`, and where there is one `/tenants/<tenant>`."),
    type: z.string().describe("All are listed in docs/taxonomy.md."),
    time: z.iso.datetime(),
    subject: z.string().optional().describe("`messages/<id>`, where it is about a message."),
    datacontenttype: z.literal("application/json"),
    tenant: z.string().optional(),
    connection: z.string().optional(),
    flow: z.string().optional(),
    reference: z.string().optional().describe("What people call the thing: the order key of a message."),
    actor: z.string().optional().describe("Who did it. Absent where Belay did."),
    cause: z.string().optional().describe("The code of what led to it; docs/errors.md."),
    traceparent: z.string().optional(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "StreamEvent", description: "A change of state, in the envelope of CloudEvents 1.0." });

const eventPage = z
  .object({ items: z.array(event), next: z.string().describe("Where to go on. At the end of the stream too: ask again later with it.") })
  .meta({ id: "StreamPage" });

/** What changed its state. */
export function registerStreamRoutes(scope: ApiScope, { database: { db } }: ApiParts): void {
  scope.get(
    "/stream",
    {
      config: { permission: "stream.read" },
      schema: {
        operationId: "readStream",
        tags: ["stream"],
        summary: "What changed its state, oldest first, in the order of commit.",
        description:
          "Who goes on with `next` misses nothing and gets nothing twice. A long transaction anywhere on the database server holds the newest events back until it ends.",
        querystring: streamQuery,
        response: answers(eventPage),
      },
    },
    async ({ query: { limit, cursor, tenant, type } }) => {
      const after = cursor === undefined ? undefined : readPlace(cursor);
      const items = await readEvents(
        db,
        { ...(tenant !== undefined && { tenant }), ...(type !== undefined && { type }), ...(after && { after }) },
        limit,
      );
      const last = items.at(-1) ?? after ?? { transaction: "0", number: 0 };
      return { items: items.map(toCloudEvent), next: Buffer.from(`after:${last.transaction}:${last.number}`).toString("base64url") };
    },
  );
}

function readPlace(cursor: string): StreamPlace {
  const [, transaction, number] = /^after:([0-9]{1,19}):([0-9]{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  if (transaction === undefined) throw new BelayError("API_REQUEST_INVALID", "cursor: give the `next` of the page before, as it is.");
  return { transaction, number: Number(number) };
}

function toCloudEvent(stored: StoredEvent): z.infer<typeof event> {
  const { tenant, connection, flow, message, reference, actor, cause, trace } = stored;
  return {
    specversion: "1.0",
    id: `${stored.transaction}-${stored.number}`,
    source: tenant === "" ? "/belay" : `/belay/tenants/${encodeURIComponent(tenant)}`,
    type: stored.type,
    time: stored.at,
    ...(message !== null && { subject: `messages/${message}` }),
    datacontenttype: "application/json",
    ...(tenant !== "" && { tenant }),
    ...(connection !== null && { connection }),
    ...(flow !== null && { flow }),
    ...(reference !== null && { reference }),
    ...(actor !== null && { actor }),
    ...(cause !== null && { cause }),
    ...(trace !== null && { traceparent: trace }),
    data: stored.data,
  };
}
