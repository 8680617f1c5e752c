import type { Webhooks } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";

const named = z.object({ id: z.number().int(), name: z.string() });

/** Webhooks are JSON, unlike the API as we speak it. */
const event = z.object({
  type: z.enum(["issue.created", "issue.updated"]),
  timestamp: z.iso.datetime(),
  data: z.object({
    issue: z.object({ id: z.number().int(), project: named, status: named, subject: z.string(), description: z.string().nullable() }),
  }),
});

/**
 * How Redmine sends webhooks, since version 7. It sends once and never again, and its events have no id: what tells them apart is all that they say.
 *
 * @see https://www.redmine.org/issues/29664
 */
export const webhooks = {
  scheme: hmacSignature({ header: "X-Redmine-Signature-256", prefix: "sha256=" }),
  maxBytes: 1024 * 1024,
  id: "digest",
  type: { body: "type" },
  events: { "issue.created": event, "issue.updated": event },
  retries: { timeout: "60s", pauses: [] },
  subjects: {
    "issue.created": { path: "data.issue", resource: "issue", keys: ["id"], causedBy: { create: {} } },
    "issue.updated": { path: "data.issue", resource: "issue", keys: ["id"], causedBy: { update: {} } },
  },
} as const satisfies Webhooks;
