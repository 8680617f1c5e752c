import { defineMapping, unified } from "@belay/sdk/models";
import { issue } from "../resources/issue.ts";

/**
 * GitHub's issues; pull requests, which its listings hold too, are no tickets.
 *
 * @see https://docs.github.com/en/rest/issues/issues#get-an-issue
 */
export const toTicket = defineMapping(
  issue,
  unified.ticket,
)({
  resource: "issue",
  version: "1",
  when: ({ pull_request: pull }) => pull === undefined,
  url: ({ html_url: url }) => url,
  fields: {
    number: "number",
    subject: { from: "title", write: (subject) => ({ title: subject ?? "" }) },
    description: { from: "body", write: (text) => ({ body: text ?? "" }) },
    status: {
      from: "state",
      read: ({ state }) => state,
      write: (status, { creating }) => {
        // A new issue is open, and its create has no member that says so.
        if (creating && status !== "closed" && status !== "solved") return {};
        return { state: status === "closed" || status === "solved" ? "closed" : "open" };
      },
    },
    providerStatus: "state",
    requester: { from: "user", read: ({ user }) => ({ externalId: user?.id, name: user?.login }) },
    tags: {
      from: "labels",
      read: ({ labels }) => labels.map((label) => (typeof label === "string" ? label : label.name)),
      write: (tags) => ({ labels: [...tags] }),
    },
    createdAt: "created_at",
    updatedAt: "updated_at",
    closedAt: "closed_at",
  },
});
