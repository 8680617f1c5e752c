import { defineMapping, unified } from "@belay/sdk/models";
import { user } from "../resources/user.ts";

/**
 * Zendesk's end users; agents and admins, who answer them, are no contacts. They have one name.
 *
 * @see https://developer.zendesk.com/api-reference/ticketing/users/users/#json-format
 */
export const toContact = defineMapping(
  user,
  unified.contact,
)({
  resource: "user",
  version: "1",
  when: ({ role }) => (role ?? "end-user") === "end-user",
  url: ({ id }, { subdomain }) => (subdomain === undefined ? undefined : `https://${subdomain}.zendesk.com/agent/users/${id}`),
  fields: {
    name: { from: "name", write: (name) => ({ name: name ?? "" }) },
    emails: {
      from: "email",
      read: ({ email }) => [{ address: email, kind: "work" }],
      // Whoever has none is created without: an empty one is refused.
      write: ([first], { creating }) => (creating && first === undefined ? {} : { email: first?.address ?? "" }),
    },
    phones: {
      from: "phone",
      read: ({ phone }) => [{ number: phone, kind: "work" }],
      write: ([first]) => ({ phone: first?.number ?? "" }),
    },
    notes: { from: "notes", write: (text) => ({ notes: text ?? "" }) },
    createdAt: "created_at",
    updatedAt: "updated_at",
  },
});
