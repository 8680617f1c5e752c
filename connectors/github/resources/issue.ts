import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";

/** Null where the account has been deleted. */
const user = z.object({ id: z.number().int(), login: z.string() }).nullish();

/** An issue as GitHub answers it; only fields that flows use. */
const record = z.object({
  /** Unique in all of GitHub. */
  id: z.number().int(),
  /** Unique within the repository, shared with pull requests. */
  number: z.number().int(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.enum(["open", "closed"]),
  html_url: z.url(),
  user,
  labels: z.array(z.union([z.object({ name: z.string().nullish() }), z.string()])),
  /** How many comments it has. */
  comments: z.number().int().min(0).optional(),
  /** ISO 8601 with whole seconds. */
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  closed_at: z.iso.datetime().nullish(),
  /** There when the issue is a pull request. */
  pull_request: z.object({ html_url: z.string().nullish() }).optional(),
});

const create = z.strictObject({
  title: z.string().min(1).max(256),
  body: z.string().max(65_536).optional(),
  labels: z.array(z.string().min(1)).optional(),
  assignees: z.array(z.string().min(1)).max(10).optional(),
});

const update = z
  .strictObject({
    title: create.shape.title,
    body: z.string().max(65_536).nullable(),
    /** The whole set: what is not in it is removed. */
    labels: z.array(z.string().min(1)),
    assignees: z.array(z.string().min(1)).max(10),
    state: z.enum(["open", "closed"]),
    state_reason: z.enum(["completed", "not_planned", "duplicate", "reopened"]),
  })
  .partial();

export type Issue = Infer<typeof record>;
export type IssueCreate = Infer<typeof create>;
export type IssueUpdate = Infer<typeof update>;

/**
 * An issue of a repository: `github.issue.in({ owner, repo })`. GitHub knows no idempotency keys, and an issue has no field of ours to
 * find it by, so a create is sent once. An update may be repeated. Issues cannot be deleted through this API.
 *
 * A listing holds pull requests too, newest first, only open ones unless `state` says otherwise; `labels` takes a list, all of which
 * an issue must have; `since` is compared with `updated_at`. Pages are counted, so what is created or closed meanwhile shifts them: whoever
 * walks newest first may see an issue twice, whoever walks the open ones may miss one. A sync therefore walks all of them, oldest first, by
 * pages that overlap.
 *
 * Changes are read by `since`, in the order in which they happened. GitHub does not list issues that were deleted, which only an
 * administrator can do by hand: a walk through everything finds out.
 *
 * @see https://docs.github.com/en/rest/issues/issues
 * @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api links
 */
export const issue = {
  path: "/repos/{owner}/{repo}/issues",
  id: "number",
  schema: record,
  create: { input: create, safety: { kind: "once" } },
  get: {},
  update: { input: update, method: "PATCH", safety: { kind: "natural" } },
  list: {
    paging: { kind: "link", page: "page" },
    size: { parameter: "per_page", default: 30, max: 100 },
    filters: {
      state: { default: "open", all: "all" },
      labels: { test: "includesAll", member: "name" },
      creator: { field: "user.login" },
      since: { field: "updated_at", test: "atLeast" },
    },
    order: { by: "created_at", direction: "descending", fixed: true },
    orders: {
      oldest: { by: "created_at", fixed: true, query: { sort: "created", direction: "asc" } },
      updated: { by: "updated_at", query: { sort: "updated", direction: "asc" } },
      recentlyUpdated: { by: "updated_at", direction: "descending", query: { sort: "updated" } },
    },
  },
  changes: {
    by: { kind: "field", field: "updated_at", filter: "since", format: "iso-seconds", granularity: "1s" },
    hints: ["issues"],
  },
} as const satisfies Resource;
