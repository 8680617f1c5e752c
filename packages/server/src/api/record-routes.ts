import { BelayError } from "@belay/sdk";
import { z } from "zod";
import { findRecords, readRecord, readRecordVersions, type ShownRecord } from "../records/index.ts";
import { readPlace, toPlace } from "./place-cursor.ts";
import { next, pageQuery, storable, tenantQuery, time } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const tags = ["records"];

const lineage = {
  sync: z.string().nullable().describe("The sync that brought it."),
  mapping: z.string().nullable().describe("The version of the mapping that made it."),
  walk: z.number().int().nullable().describe("The walk that read it."),
  changedAt: time.nullable(),
};

const contents = {
  data: z.unknown().describe("What it was mapped to; null: it is deleted."),
  raw: z.unknown().describe("As the provider gave it when it last changed."),
};

const record = z
  .object({
    id: z.string().describe("The canonical id, ours."),
    connection: z.string(),
    resource: z.string(),
    externalId: z.string().describe("The provider's id."),
    model: z.string(),
    version: z.number().nullable().describe("As the source counts it."),
    position: z.number().int().describe("Of its newest change in the tenant's feed."),
    deletedAt: time.nullable(),
    ...contents,
    lineage: z.object(lineage).describe("Where it came from."),
  })
  .meta({ id: "Record", description: "A record of a provider, as it is kept." });

const recordPage = z.object({ items: z.array(record), next }).meta({ id: "RecordPage" });

const recordStory = z
  .object({
    items: z.array(record).describe("One of each connection that has it."),
    versions: z
      .array(
        z.object({
          position: z.number().int(),
          kind: z.enum(["created", "updated", "deleted", "restored", "merged", "unmerged"]),
          ...lineage,
          ...contents,
        }),
      )
      .describe("Of the one that changed last, newest first, as far as they are kept; at most 50."),
  })
  .meta({ id: "RecordStory" });

const recordsQuery = pageQuery.extend({
  ...tenantQuery.shape,
  connection: storable.optional(),
  resource: storable.optional(),
  model: storable.optional(),
  externalId: storable.optional(),
  deleted: z.enum(["true", "false"]).default("false").describe("Those that are deleted as well."),
});

const mostVersions = 50;

/** Records of providers. */
export function registerRecordRoutes(scope: ApiScope, { database: { db }, cipher }: ApiParts): void {
  scope.get(
    "/records",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "listRecords",
        tags,
        summary: "Records of a tenant, with what they were made of.",
        querystring: recordsQuery,
        response: answers(recordPage),
      },
    },
    async ({ query: { limit, cursor, deleted, ...filter } }) => {
      const [connection, resource, externalId] = readPlace(cursor, 3) ?? [];
      const after =
        connection === undefined || resource === undefined || externalId === undefined ? undefined : { connection, resource, externalId };
      const items = await findRecords({ db, cipher }, { ...filter, withDeleted: deleted === "true" }, { after, limit });
      const last = items.length < limit ? undefined : items.at(-1);
      return { items, next: last === undefined ? null : toPlace([last.connection, last.resource, last.externalId]) };
    },
  );
  scope.get(
    "/records/:id",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "showRecord",
        tags,
        summary: "A record by its canonical id, with its versions.",
        params: z.object({ id: storable }),
        querystring: tenantQuery,
        response: answers(recordStory),
      },
    },
    async ({ params: { id }, query: { tenant } }) => {
      const items = await readRecord({ db, cipher }, tenant, id);
      const newest = items.reduce<ShownRecord | undefined>(
        (best, one) => (best === undefined || one.position > best.position ? one : best),
        undefined,
      );
      if (newest === undefined) throw new BelayError("API_NOT_FOUND", `There is no record "${id}" of tenant "${tenant}".`);
      return { items, versions: await readRecordVersions({ db, cipher }, tenant, newest.position, mostVersions) };
    },
  );
}
