/**
 * What Belay runs while its secrets are rotated: signed webhooks that cause writes to three providers, each of which checks another kind of credential. What is secret
 * comes by environment, the newest first, as an installation would have it.
 *
 * @module
 */
import { defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";
import { clientId, hooksEndpoint, signatureHeader, tenant } from "./names.ts";

const farEnd = process.env["ROTATION_FAR_END"] ?? "http://127.0.0.1:9";
const secretsOf = (name: string): Secret[] =>
  (process.env[name] ?? "").split(/\s+/).flatMap((text) => (text === "" ? [] : [new Secret(text)]));
const oneOf = (name: string): Secret => secretsOf(name)[0] ?? new Secret("none");

const happened = z.object({ id: z.string(), type: z.string() });
const webhooksOf = <const Names extends readonly string[]>(...names: Names) => ({
  scheme: hmacSignature({ header: signatureHeader }),
  maxBytes: 10_000,
  id: { body: "id", signed: true } as const,
  type: { body: "type" } as const,
  events: Object.fromEntries(names.map((name) => [name, happened])) as Record<Names[number], typeof happened>,
});
const entry = {
  path: "/entries",
  id: "id",
  schema: z.object({ id: z.string() }),
  list: { paging: { kind: "none" } as const },
  create: { input: z.object({ reference: z.string() }), safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } as const },
};

const hooks = defineConnector({
  id: "hooks",
  title: "Source of webhooks",
  baseUrl: "http://hooks.invalid",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: webhooksOf("ledger", "crm", "desk"),
});

const ledger = defineConnector({
  id: "ledger",
  title: "Ledger, by a key of the configuration",
  baseUrl: "http://ledger.invalid",
  auth: { kind: "bearer" },
  resources: { entry },
});

const crm = defineConnector({
  id: "crm",
  title: "CRM, by OAuth",
  baseUrl: "http://crm.invalid",
  auth: {
    kind: "oauth2",
    authorizationUrl: "/authorize",
    tokenUrl: "/token",
    grants: ["authorization_code", "refresh_token"],
    accessTokenLifetime: "8s",
    refreshToken: { rotates: false },
    clientAuthentication: "body",
  },
  resources: { entry },
});

const desk = defineConnector({
  id: "desk",
  title: "Desk, by a key that a person fills in",
  baseUrl: "http://desk.invalid",
  auth: { kind: "apiKey", header: "x-api-key" },
  resources: { entry },
  webhooks: webhooksOf("noted"),
});

const toLedger = defineFlow({
  id: "to-ledger",
  on: hooks.events.ledger,
  to: ledger,
  run: async ({ event, step, target }) => {
    await step("write", () => target.entry.create({ reference: event.id }));
  },
});
const toCrm = defineFlow({
  id: "to-crm",
  on: hooks.events.crm,
  to: crm,
  run: async ({ event, step, target }) => {
    await step("write", () => target.entry.create({ reference: event.id }));
  },
});
const toDesk = defineFlow({
  id: "to-desk",
  on: hooks.events.desk,
  to: desk,
  run: async ({ event, step, target }) => {
    await step("write", () => target.entry.create({ reference: event.id }));
  },
});
const fromDesk = defineFlow({
  id: "from-desk",
  on: desk.events.noted,
  to: ledger,
  run: async ({ event, step, target }) => {
    await step("write", () => target.entry.create({ reference: event.id }));
  },
});

export default defineConfig({
  connectors: [hooks, ledger, crm, desk],
  flows: [toLedger, toCrm, toDesk, fromDesk],
  oauthClients: { crm: { id: clientId, secrets: secretsOf("ROTATION_OAUTH_SECRETS") } },
  connections: [
    { id: "hooks", tenant, connector: hooks.id, endpoint: hooksEndpoint, webhookSecrets: secretsOf("ROTATION_WEBHOOK_SECRETS") },
    { id: "ledger", tenant, connector: ledger.id, baseUrl: `${farEnd}/ledger`, credential: { token: oneOf("ROTATION_LEDGER_KEY") } },
    { id: "crm", tenant, connector: crm.id, baseUrl: `${farEnd}/crm`, credential: { refreshToken: oneOf("ROTATION_REFRESH_TOKEN") } },
  ],
});
