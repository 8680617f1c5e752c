/**
 * Pipedrive, API v1: JSON, pages by offset, answers wrapped in `data` and requests bare. Written from its public documentation.
 *
 * No webhooks: Pipedrive does not sign them; it offers HTTP basic authentication towards the receiver, which Belay does not believe.
 *
 * @see https://developers.pipedrive.com/docs/api/v1
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { deal } from "./deal.ts";
import { errors } from "./errors.ts";
import { person } from "./person.ts";
import { simulator } from "./simulator.ts";

/**
 * The contract of Pipedrive. Resources: `person`, `deal`. Credential: `apiKey`, the personal API token; settings: `company`, the first part
 * of the company's address.
 *
 * The limit is that of the smallest plan, 20 requests in 2 seconds; larger plans say theirs in the connection's `limits`.
 *
 * @see https://pipedrive.readme.io/docs/core-api-concepts-authentication
 * @see https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting
 */
export const pipedrive = defineConnector({
  id: "pipedrive",
  title: "Pipedrive",
  baseUrl: "https://{company}.pipedrive.com/api",
  auth: { kind: "apiKey", header: "x-api-token" },
  versions: { in: "path", use: "v1", known: [{ version: "v1" }] },
  resources: { person, deal },
  limits: [
    {
      requests: 20,
      per: "2s",
      headers: {
        limit: "x-ratelimit-limit",
        remaining: "x-ratelimit-remaining",
        reset: { header: "x-ratelimit-reset", form: "deltaSeconds" },
      },
    },
  ],
  errors,
  simulator,
});
