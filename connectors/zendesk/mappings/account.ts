import { defineMapping, unified } from "@belay/sdk/models";
import { organization } from "../resources/organization.ts";

/**
 * Zendesk's organizations.
 *
 * @see https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#json-format
 */
export const toAccount = defineMapping(
  organization,
  unified.account,
)({
  resource: "organization",
  version: "1",
  url: ({ id }, { subdomain }) => (subdomain === undefined ? undefined : `https://${subdomain}.zendesk.com/agent/organizations/${id}`),
  fields: {
    name: { from: "name", write: (name) => ({ name: name ?? "" }) },
    domains: {
      from: "domain_names",
      read: ({ domain_names: domains }) => domains ?? [],
      write: (domains) => ({ domain_names: [...domains] }),
    },
    description: { from: "details", write: (text) => ({ details: text ?? "" }) },
    tags: { from: "tags", read: ({ tags }) => tags ?? [], write: (tags) => ({ tags: [...tags] }) },
    createdAt: "created_at",
    updatedAt: "updated_at",
  },
});
