import { github } from "@belay/connector-github";
import { zendesk } from "@belay/connector-zendesk";
import type { TicketUpdate } from "@belay/connector-zendesk";
import { defineFlow } from "@belay/sdk";

/** The ticket field "Source version", made once in each Zendesk account. */
export const versionField = 360_000_001;

/** Keeps a Zendesk ticket for every GitHub issue. */
export const issuesToTickets = defineFlow({
  id: "issues-to-tickets",
  on: github.events.issues,
  to: zendesk,
  orderKey: ({ issue }) => issue.id,
  version: ({ issue }) => issue.updated_at,

  async run({ event: { issue, repository }, target, step }) {
    const external_id = `github-issue-${issue.id}`;
    const fields = {
      subject: issue.title,
      status: issue.state === "closed" ? "solved" : "open",
      tags: ["github", repository.name],
      custom_fields: [{ id: versionField, value: issue.updated_at }],
    } satisfies TicketUpdate;

    const ticket = await step("find", () => target.ticket.find({ external_id }));
    if (ticket) {
      await step("update", () => target.ticket.update(ticket.id, fields));
    } else {
      const comment = { body: issue.body || issue.html_url };
      await step("create", () => target.ticket.create({ external_id, comment, ...fields }));
    }
  },
});
