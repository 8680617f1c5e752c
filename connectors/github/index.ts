/**
 * GitHub as a source of events: what its webhooks look like and how they are signed.
 *
 * Terms: *delivery*, one sending of an event, with an id in `X-GitHub-Delivery` that a redelivery keeps.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { webhooks } from "./webhooks.ts";

export type { IssueCommentEvent, IssuesEvent, PingEvent, PullRequestEvent, PushEvent } from "./webhooks.ts";

/**
 * The contract of GitHub. Events: `issues`, `issue_comment`, `pull_request`, `push`, `ping`; no resources are written yet.
 * The webhook at GitHub must be set to content type `application/json`: a form-encoded one arrives as no JSON.
 *
 * @see https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api
 */
export const github = defineConnector({
  id: "github",
  title: "GitHub",
  baseUrl: "https://api.github.com",
  auth: { kind: "bearer" },
  resources: {},
  webhooks,
});
