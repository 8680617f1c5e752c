import type { Infer, Webhooks } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";

// Only fields that flows use are named; everything else GitHub sends (some 10 KB an event) is dropped.

/** Null where the account has been deleted. */
const user = z.object({ id: z.number(), login: z.string() }).nullish();
const repository = z.object({ id: z.number(), name: z.string(), full_name: z.string(), html_url: z.string(), private: z.boolean() });
const labels = z.array(z.object({ id: z.number(), name: z.string() })).nullish();
/** There when the event came through a GitHub App. */
const installation = z.object({ id: z.number() }).optional();

const issue = z.object({
  /** Unique in all of GitHub; `number` is unique only within the repository. */
  id: z.number(),
  number: z.number(),
  title: z.string(),
  body: z.string().nullish(),
  /** `open` or `closed`; left out of a few rare actions. */
  state: z.string().optional(),
  html_url: z.string(),
  user,
  labels,
  /** ISO 8601 with whole seconds: the version of the issue. Two changes within a second have the same. */
  updated_at: z.string(),
  created_at: z.string(),
  closed_at: z.string().nullish(),
  /** There when the issue is a pull request. */
  pull_request: z.object({ html_url: z.string().nullish() }).optional(),
});

const issues = z.object({
  /** `opened`, `edited`, `closed`, `labeled`, …; GitHub adds new ones. */
  action: z.string(),
  issue,
  repository,
  sender: user,
  installation,
});

const issueComment = z.object({
  action: z.string(),
  issue,
  comment: z.object({ id: z.number(), body: z.string(), html_url: z.string(), user, created_at: z.string(), updated_at: z.string() }),
  repository,
  sender: user,
  installation,
});

const branch = z.object({ ref: z.string(), sha: z.string() });

const pullRequest = z.object({
  action: z.string(),
  number: z.number(),
  pull_request: z.object({
    id: z.number(),
    number: z.number(),
    title: z.string(),
    body: z.string().nullish(),
    state: z.string(),
    draft: z.boolean().optional(),
    merged: z.boolean().nullish(),
    html_url: z.string(),
    user,
    labels,
    head: branch,
    base: branch,
    created_at: z.string(),
    updated_at: z.string(),
    closed_at: z.string().nullish(),
    merged_at: z.string().nullish(),
  }),
  repository,
  sender: user,
  installation,
});

const commit = z.object({ id: z.string(), message: z.string(), timestamp: z.string(), url: z.string() });

const push = z.object({
  ref: z.string(),
  before: z.string(),
  after: z.string(),
  created: z.boolean(),
  deleted: z.boolean(),
  forced: z.boolean(),
  compare: z.string(),
  /** At most 2048; more must be fetched. */
  commits: z.array(commit),
  /** Null when a branch or tag was deleted. */
  head_commit: commit.nullable(),
  repository,
  sender: user,
  installation,
});

/** What GitHub sends when a webhook is set up. */
const ping = z.object({ zen: z.string().optional(), hook_id: z.number(), repository: repository.optional(), sender: user });

export type IssuesEvent = Infer<typeof issues>;
export type IssueCommentEvent = Infer<typeof issueComment>;
export type PullRequestEvent = Infer<typeof pullRequest>;
export type PushEvent = Infer<typeof push>;
export type PingEvent = Infer<typeof ping>;

/**
 * How GitHub sends webhooks.
 *
 * GitHub does not retry a failed delivery; within 3 days one may redeliver it by hand or through the API, under the same id. The
 * signature covers the body only and no time: a captured delivery stays valid, under any id and any event name that is written
 * beside it.
 *
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries signature
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers headers, 25 MB at most
 * @see https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries redelivery
 */
export const webhooks = {
  scheme: hmacSignature({ header: "X-Hub-Signature-256", prefix: "sha256=", algorithm: "sha256", encoding: "hex", signed: ["body"] }),
  maxBytes: 25 * 1024 * 1024,
  id: { header: "x-github-delivery", signed: false },
  type: { header: "x-github-event" },
  // Longer than the 3 days, so that a redelivery on the last of them is still known while it travels.
  redeliveredFor: "7d",
  events: { issues, issue_comment: issueComment, pull_request: pullRequest, push, ping },
  retries: { timeout: "10s", pauses: [] },
  subjects: {
    issues: {
      path: "issue",
      resource: "issue",
      keys: ["id", "number"],
      place: { "repository.full_name": "{owner}/{repo}", "repository.name": "{repo}" },
      causedBy: { create: { action: "opened" }, update: { action: "edited" }, delete: { action: "deleted" } },
    },
  },
  references: {
    issues: { issue: "issue.number" },
    issue_comment: { issue: "issue.number" },
    pull_request: { pullRequest: "number" },
  },
  examples: {
    issues: async () => (await import("./fixtures/issues-opened.json", { with: { type: "json" } })).default,
    issue_comment: async () => (await import("./fixtures/issue-comment-created.json", { with: { type: "json" } })).default,
    ping: async () => (await import("./fixtures/ping.json", { with: { type: "json" } })).default,
  },
} as const satisfies Webhooks;
