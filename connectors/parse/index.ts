/**
 * Parse Server: contacts kept in a class of an application, over its REST API.
 *
 * Terms: *class*, a kind of object; *session token*, what a login is answered with and every request carries; *trigger*, what the server calls after
 * an object was saved or deleted.
 *
 * @see https://docs.parseplatform.org/rest/guide/
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { errors } from "./errors.ts";
import { toContact } from "./mappings/contact.ts";
import { contact } from "./resources/contact.ts";
import { webhooks } from "./webhooks.ts";

export type { Contact, ContactCreate, ContactUpdate } from "./resources/contact.ts";

/**
 * The contract of a Parse Server with a class `Contact`. Credential: `applicationId`, and `username` and `password` of a user who may read and
 * write the class. Belay logs in as that user, and again when the session has ended: the server does not say when it will.
 *
 * Webhooks: the server calls the URLs of its triggers `afterSave` and `afterDelete` with a key that all of them share. It calls once, and does not care
 * for the answer; what was missed is found by looking for changes.
 *
 * @see https://docs.parseplatform.org/rest/guide/#sessions
 */
export const parse = defineConnector({
  id: "parse",
  title: "Parse Server",
  baseUrl: "https://{host}/parse",
  auth: {
    kind: "session",
    tokenUrl: "/login",
    login: {
      headers: { "X-Parse-Revocable-Session": "1" },
      body: { username: "{username}", password: "{password}" },
    },
    headers: { "X-Parse-Application-Id": "{applicationId}" },
    // A year unless the server is set up otherwise; a session that ends before is refused by code 209 and renewed.
    accessTokenLifetime: "365d",
    answer: { accessToken: "sessionToken" },
    refusals: {
      at: "code",
      rows: [
        { code: "101", means: "credentialRefused" },
        { code: "200", means: "credentialRefused" },
        { code: "201", means: "credentialRefused" },
        { status: 403, means: "clientRefused" },
      ],
    },
    sends: { header: "X-Parse-Session-Token" },
    fields: {
      applicationId: { label: "Application ID", help: "As the server was started with: appId.", secret: false },
      password: { help: "Of a user made for this alone, whose role may read and write the class Contact." },
    },
  },
  resources: { contact },
  mappings: [toContact],
  errors,
  webhooks,
});
