import type { Infer, Webhooks } from "@belay/sdk";
import { sharedSecret } from "@belay/sdk/webhook";
import { z } from "zod";

const object = z.object({
  objectId: z.string(),
  className: z.string().optional(),
  createdAt: z.string().optional(),
  updatedAt: z.string().optional(),
});

/** Members of the object that flows need are read from the server: what a trigger sends is not signed. */
const event = z.object({ triggerName: z.string(), object });

export type TriggerEvent = Infer<typeof event>;

/**
 * How Parse Server calls the URL of a trigger: once, without an id of its own, with the key that all hooks of the server share. Two saves of an object
 * differ by its `updatedAt`, and an object is deleted once.
 *
 * @see https://docs.parseplatform.org/rest/guide/#hooks
 */
export const webhooks = {
  scheme: sharedSecret({ header: "X-Parse-Webhook-Key" }),
  maxBytes: 1024 * 1024,
  id: "digest",
  type: { body: "triggerName" },
  events: { afterSave: event, afterDelete: event },
  retries: { timeout: "10s", pauses: [] },
  subjects: {
    afterSave: { path: "object", keys: ["objectId"], resource: "contact", causedBy: { create: {}, update: {} } },
    afterDelete: { path: "object", keys: ["objectId"], resource: "contact", causedBy: { delete: {} } },
  },
  references: {
    afterSave: { contact: "object.objectId" },
    afterDelete: { contact: "object.objectId" },
  },
} as const satisfies Webhooks;
