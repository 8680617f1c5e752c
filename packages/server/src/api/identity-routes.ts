import { BelayError } from "@belay/sdk";
import { z } from "zod";
import { decideReview, listMerges, listReviews, mergeThings, readReview, type ShownReview, undoMerge } from "../identity/index.ts";
import { awaitAgain } from "../two-way/index.ts";
import { placeNumber, readPlace, toPlace } from "./place-cursor.ts";
import { count, next, pageQuery, storable, tenantQuery, time } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const tags = ["identity"];

const review = z
  .object({
    id: z.number().int(),
    connection: z.string(),
    resource: z.string(),
    externalId: z.string(),
    record: z.string().describe("The canonical id that it has for the time being."),
    candidates: z
      .array(z.object({ id: z.string(), agreesOn: z.array(z.string()), isTaken: z.boolean(), score: z.number() }))
      .describe("The things that it may be, best first, with the kinds of match keys in common and how sure one can be, 0 to 1."),
    why: z
      .enum(["several", "weak", "taken"])
      .describe("Several are as good; evidence is weak; its connection has one of the same already."),
    state: z.enum(["open", "linked", "apart"]),
    at: time,
    decidedAt: time.nullable(),
    decidedBy: z.string().nullable(),
  })
  .meta({ id: "MatchReview", description: "A question to somebody: is this record one of these things?" });

const merge = z
  .object({
    id: z.number().int(),
    survivor: z.string().describe("The canonical id that stays."),
    merged: z.string().describe("The one that was given up."),
    moved: z.array(z.object({ connection: z.string(), resource: z.string(), externalId: z.string() })),
    why: z.string(),
    by: z.string(),
    at: time,
    undoneAt: time.nullable(),
    undoneBy: z.string().nullable(),
  })
  .meta({ id: "Merge", description: "Two things that were made one." });

const reviewPage = z.object({ items: z.array(review), next }).meta({ id: "MatchReviewPage" });
const mergePage = z.object({ items: z.array(merge), next }).meta({ id: "MergePage" });
const oneMerge = z.object({ id: z.number().int() }).meta({ id: "MergeAnswer" });
const byNumber = z.object({ id: z.coerce.number().int().positive() });

/** Which records are one thing: what people are asked, and what they do. */
export function registerIdentityRoutes(scope: ApiScope, parts: ApiParts): void {
  registerReviews(scope, parts);
  registerMerges(scope, parts);
}

function registerReviews(scope: ApiScope, { database: { db }, cipher }: ApiParts): void {
  scope.get(
    "/identity/reviews",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "listMatchReviews",
        tags,
        summary: "Records of which the rules cannot say what they are, oldest first.",
        querystring: pageQuery.extend({ ...tenantQuery.shape, state: z.enum(["open", "linked", "apart"]).default("open") }),
        response: answers(reviewPage),
      },
    },
    async ({ query: { tenant, state, limit, cursor } }) => {
      const [after = "0"] = readPlace(cursor, 1) ?? [];
      const items = await listReviews(db, tenant, state, placeNumber(after), limit);
      const last = items.length < limit ? undefined : items.at(-1);
      return { items: items.map(toAnswer), next: last === undefined ? null : toPlace([String(last.id)]) };
    },
  );
  scope.get(
    "/identity/reviews/:id",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "showMatchReview",
        tags,
        summary: "One review.",
        params: byNumber,
        querystring: tenantQuery,
        response: answers(review),
      },
    },
    async ({ params: { id }, query: { tenant } }) => {
      const found = await readReview(db, tenant, id);
      if (found === undefined) throw new BelayError("API_NOT_FOUND", `Tenant "${tenant}" has no review ${id}.`);
      return toAnswer(found);
    },
  );
  scope.post(
    "/identity/reviews/:id/decide",
    {
      config: { permission: "records.identify" },
      schema: {
        operationId: "decideMatchReview",
        tags,
        summary: "Says which of the candidates a record is, or that it is none of them.",
        description: "To say that it is one merges the two; that can be undone as any merge.",
        params: byNumber,
        body: tenantQuery.extend({ is: storable.nullable().describe("The candidate's canonical id; null: it is none of them.") }),
        response: answers(count),
      },
    },
    async ({ params: { id }, body: { tenant, is }, principal: { actor } }) => {
      // What waited for the decision is looked for once more, and goes on.
      await decideReview({ db, cipher }, { tenant, review: id, is, actor }, (tx, records) => awaitAgain(tx, tenant, records));
      return { count: 1 };
    },
  );
}

function toAnswer({ candidates, ...one }: ShownReview): z.infer<typeof review> {
  return { ...one, candidates: candidates.map((candidate) => ({ ...candidate, agreesOn: [...candidate.agreesOn] })) };
}

function registerMerges(scope: ApiScope, { database: { db }, cipher }: ApiParts): void {
  scope.get(
    "/identity/merges",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "listMerges",
        tags,
        summary: "Things that were made one, newest first.",
        querystring: pageQuery.extend({ ...tenantQuery.shape, record: storable.optional().describe("Only those that it took part in.") }),
        response: answers(mergePage),
      },
    },
    async ({ query: { tenant, record, limit, cursor } }) => {
      const [before] = readPlace(cursor, 1) ?? [];
      const items = await listMerges(db, tenant, { record, before: before === undefined ? undefined : placeNumber(before), limit });
      const last = items.length < limit ? undefined : items.at(-1);
      return {
        items: items.map((one) => ({ ...one, moved: [...one.moved] })),
        next: last === undefined ? null : toPlace([String(last.id)]),
      };
    },
  );
  scope.post(
    "/identity/merges",
    {
      config: { permission: "records.identify" },
      schema: {
        operationId: "mergeRecords",
        tags,
        summary: "Makes two things one.",
        body: tenantQuery.extend({
          survivor: storable.describe("The canonical id that stays."),
          merged: storable.describe("The one that is given up."),
          why: z.string().min(1).max(500),
        }),
        response: answers(oneMerge),
      },
    },
    async ({ body, principal: { actor } }) => ({ id: await mergeThings({ db, cipher }, { ...body, actor }) }),
  );
  scope.post(
    "/identity/merges/:id/undo",
    {
      config: { permission: "records.identify" },
      schema: {
        operationId: "undoMerge",
        tags,
        summary: "Takes a merge back: its records get the canonical id again that they had.",
        params: byNumber,
        body: tenantQuery,
        response: answers(count),
      },
    },
    async ({ params: { id }, body: { tenant }, principal: { actor } }) => {
      await undoMerge({ db, cipher }, { tenant, id, actor });
      return { count: 1 };
    },
  );
}
