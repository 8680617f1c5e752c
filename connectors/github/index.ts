/**
 * GitHub as a source of events, and its issues: what its webhooks look like, how they are signed, and how its REST API is spoken to.
 *
 * Terms: *delivery*, one sending of an event, with an id in `X-GitHub-Delivery` that a redelivery keeps.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 * @see https://docs.github.com/en/rest/issues
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { errors } from "./errors.ts";
import { toTicket } from "./mappings/ticket.ts";
import { comment } from "./resources/comment.ts";
import { issue } from "./resources/issue.ts";
import { simulator } from "./simulator.ts";
import { webhooks } from "./webhooks.ts";

export { githubOAuth } from "./auth.ts";
export type { Comment, CommentCreate } from "./resources/comment.ts";
export type { Issue, IssueCreate, IssueUpdate } from "./resources/issue.ts";
export type { IssueCommentEvent, IssuesEvent, PingEvent, PullRequestEvent, PushEvent } from "./webhooks.ts";

/**
 * The contract of GitHub. Events: `issues`, `issue_comment`, `pull_request`, `push`, `ping`; resources: `issue` and `comment`, each
 * within a repository. Credential: `token`, a fine-grained token with the permission `issues`, or an installation's.
 * The webhook at GitHub must be set to content type `application/json`: a form-encoded one arrives as no JSON.
 *
 * The limits: 5,000 requests an hour and token (15,000 for Enterprise Cloud), told by headers and refused with 403; no more than 100 at
 * once; 80 writes a minute, which shows only as a 403 or 429.
 *
 * @see https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 * @see https://docs.github.com/en/rest/about-the-rest-api/api-versions 2022-11-28 is supported until March 2028 at least
 */
export const github = defineConnector({
  id: "github",
  title: "GitHub",
  baseUrl: "https://api.github.com",
  auth: {
    kind: "bearer",
    fields: {
      token: {
        label: "Personal access token",
        help: "GitHub → Settings → Developer settings → Fine-grained tokens: with read and write access to issues of the repositories.",
      },
    },
  },
  versions: {
    in: { header: "X-GitHub-Api-Version" },
    use: "2022-11-28",
    known: [{ version: "2022-11-28" }, { version: "2026-03-10" }],
  },
  resources: { issue, comment },
  mappings: [toTicket],
  limits: [
    {
      requests: 5_000,
      per: "1h",
      headers: {
        limit: "X-RateLimit-Limit",
        remaining: "X-RateLimit-Remaining",
        used: "X-RateLimit-Used",
        reset: { header: "X-RateLimit-Reset", form: "epochSeconds" },
      },
      refusal: 403,
      // Only secondary limits have a Retry-After; this one says when by its reset.
      retryAfter: false,
    },
    { concurrent: 100, refusal: 403 },
  ],
  errors,
  webhooks,
  simulator,
});
