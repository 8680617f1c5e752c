import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";

/** A comment as GitHub answers it; only fields that flows use. */
const record = z.object({
  id: z.number().int(),
  body: z.string(),
  html_url: z.url(),
  /** Null where the account has been deleted. */
  user: z.object({ id: z.number().int(), login: z.string() }).nullish(),
  /** ISO 8601 with whole seconds. */
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

const create = z.strictObject({ body: z.string().min(1).max(65_536) });

export type Comment = Infer<typeof record>;
export type CommentCreate = Infer<typeof create>;

/**
 * The comments of an issue, oldest first: `github.comment.in({ owner, repo, issue: "7" })`. As with issues, a create is sent once.
 * A comment alone has another path at GitHub, so there is no get here.
 *
 * @see https://docs.github.com/en/rest/issues/comments
 */
export const comment = {
  path: "/repos/{owner}/{repo}/issues/{issue}/comments",
  id: "id",
  schema: record,
  create: { input: create, safety: { kind: "once" } },
  list: {
    paging: { kind: "link", page: "page" },
    size: { parameter: "per_page", default: 30, max: 100 },
    filters: { since: { field: "updated_at", test: "atLeast" } },
  },
  changes: {
    by: { kind: "field", field: "updated_at", filter: "since", format: "iso-seconds", granularity: "1s" },
    hints: ["issue_comment"],
  },
} as const satisfies Resource;
