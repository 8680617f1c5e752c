import { BelayError } from "@belay/sdk";
import { z } from "zod";
import { emailOf, phoneOf } from "../unified/index.ts";
import { findView, listRows, listViews, readRow } from "../views/index.ts";
import { readPlace, toPlace } from "./place-cursor.ts";
import { next, pageQuery, storable, tenantQuery, time } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const tags = ["views"];

const maxAge = z.coerce.number().int().min(0).max(31_536_000).default(3_600).describe("Seconds. What is older is marked `stale`.");

const query = pageQuery.extend({
  ...tenantQuery.shape,
  connection: storable.optional().describe("Put together from a record of this connection, among others."),
  externalId: storable.optional().describe("Put together from the record with this id at a provider."),
  email: storable.max(320).optional().describe("One of its records has this address, in any way of writing it."),
  phone: storable.max(100).optional().describe("One of its records has this telephone number, in E.164."),
  updatedSince: time.optional().describe("Changed here at this time or later."),
  maxAge,
});

const source = z
  .object({
    provider: z.string().describe("The connector."),
    connection: z.string(),
    resource: z.string(),
    externalId: z.string(),
    url: z.string().nullable().describe("Where people see it at the provider."),
    position: z.number().int().describe("Of the change that made it so, in the change feed."),
    changedAt: time.nullable().describe("When that change was committed."),
    readAt: time.nullable().describe("When the provider was last known to have it like this."),
    ageSeconds: z.number().int().nullable(),
    stale: z.boolean().describe("Older than `maxAge`, or of unknown age."),
  })
  .meta({ id: "ViewSource" });

const row = z
  .object({
    id: z.string().describe("The canonical id, ours."),
    data: z.record(z.string(), z.unknown()).describe("In the shape of the model."),
    from: z
      .record(z.string(), z.number().int())
      .describe("Where each value is from, by field: its place in `sources`. A field that nobody has a value of is missing."),
    sources: z.array(source).readonly(),
    ageSeconds: z.number().int().nullable().describe("Of the oldest source."),
    stale: z.boolean().describe("One of the sources is."),
  })
  .meta({ id: "ViewRow" });

const stand = z.object({
  view: z.string(),
  model: z.string(),
  version: z.string().describe("Of the definition whose rows these are."),
  behind: z.number().int().describe("Changes of the tenant that the view has not taken in yet."),
  building: z
    .boolean()
    .describe("The definition is new: its rows are being put together. Meanwhile those of the one before are given out, if there are any."),
});

const page = stand.extend({ items: z.array(row).readonly(), next }).meta({ id: "ViewPage" });
const shown = row.extend({ view: stand }).meta({ id: "ShownViewRow" });
const views = z.object({ items: z.array(stand.extend({ rows: z.number().int() }).meta({ id: "View" })) }).meta({ id: "Views" });

/** Things as a whole, put together from the records of all connections. */
export function registerViewRoutes(scope: ApiScope, { database: { db }, cipher, catalog, clock }: ApiParts): void {
  const parts = { db, cipher, catalog, clock };
  const config = { permission: "unified.read" } as const;
  scope.get(
    "/views",
    {
      config,
      schema: {
        operationId: "listViews",
        tags,
        summary: "The views of the configuration, as they stand for a tenant.",
        querystring: z.object(tenantQuery.shape),
        response: answers(views),
      },
    },
    async ({ query: { tenant } }) => ({ items: await listViews(parts, tenant) }),
  );
  scope.get(
    "/views/:view",
    {
      config,
      schema: {
        operationId: "listViewRows",
        tags,
        summary: "Rows of a view: one for each thing, each value with a link to the record it is from.",
        params: z.object({ view: storable }),
        querystring: query,
        response: answers(page),
      },
    },
    async ({ params: { view: id }, query: { cursor, limit, maxAge: maxAgeSeconds, email, phone, ...filter } }) => {
      const view = findView(catalog, id);
      const [after = ""] = readPlace(cursor, 1) ?? [];
      const keys = [...(email === undefined ? [] : [emailOf(email)]), ...(phone === undefined ? [] : [phoneOf(phone)])];
      const found = await listRows(parts, view, { ...filter, keys }, { after, limit, maxAgeSeconds });
      return { ...found, next: found.next === null ? null : toPlace([found.next]) };
    },
  );
  scope.get(
    "/views/:view/:id",
    {
      config,
      schema: {
        operationId: "showViewRow",
        tags,
        summary: "A row of a view, by the canonical id.",
        params: z.object({ view: storable, id: storable }),
        querystring: z.object({ ...tenantQuery.shape, maxAge }),
        response: answers(shown),
      },
    },
    async ({ params: { view: id, id: record }, query: { tenant, maxAge: maxAgeSeconds } }) => {
      const found = await readRow(parts, findView(catalog, id), tenant, record, maxAgeSeconds);
      if (found === undefined) throw new BelayError("API_NOT_FOUND", `View "${id}" has no row "${record}" of tenant "${tenant}".`);
      return found;
    },
  );
}
