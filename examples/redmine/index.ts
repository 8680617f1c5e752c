/**
 * Redmine: XML, pages by offset, paths that end in `.xml`, updates without an answer. Written from its public documentation.
 *
 * @see https://www.redmine.org/projects/redmine/wiki/Rest_api
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { errors } from "./errors.ts";
import { issue } from "./issue.ts";
import { project } from "./project.ts";
import { simulator } from "./simulator.ts";
import { webhooks } from "./webhooks.ts";

/**
 * The contract of Redmine. Resources: `issue`, `project`; events, of Redmine 7: `issue.created`, `issue.updated`. Credential: `apiKey`, from the
 * user's account page; settings: `host`, since every Redmine runs on one of its own. Redmine has no limits.
 *
 * @see https://www.redmine.org/projects/redmine/wiki/Rest_api#Authentication
 */
export const redmine = defineConnector({
  id: "redmine",
  title: "Redmine",
  baseUrl: "https://{host}",
  auth: { kind: "apiKey", header: "X-Redmine-API-Key" },
  bodies: "xml",
  resources: { issue, project },
  errors,
  webhooks,
  simulator,
});
