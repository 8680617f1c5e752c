import { z } from "zod";
import { next, storable, time } from "./schemas.ts";

/** What the API says of connections, and takes to make some. */

const state = z
  .enum(["connected", "expiring", "needs_reconnect", "provider_unavailable", "misconfigured", "disconnected"])
  .describe(
    "connected: usable. expiring: usable, and it ends within a week unless somebody reconnects it. needs_reconnect: only a person can connect it again. provider_unavailable: the provider does not answer; nothing is to be done. misconfigured: the provider refuses the application or the connector. disconnected: given up on purpose.",
  );

const person = z
  .object({
    actor: z.string().nullable().describe("Who made the link: a key, an operator."),
    userId: z.string().nullable().describe("The host application's user, as the link named them."),
    userName: z.string().nullable(),
  })
  .meta({ id: "ConnectedBy" });

export const connection = z
  .object({
    id: z.string(),
    tenant: z.string(),
    connector: z.string(),
    title: z.string().describe("Of the connector."),
    origin: z.enum(["configuration", "connected"]).describe("Where it is declared, or that somebody connected it while Belay runs."),
    ingestPath: z.string().nullable().describe("Where the provider sends its webhooks, below the ingest's base URL."),
    events: z.array(z.string()).describe("Event types to which a flow listens."),
    state,
    code: z.string().nullable().describe("Why it is not connected."),
    expiresAt: time.nullable().describe("When what is used for calls ends; it is renewed before, where it can be."),
    idleExpiresAt: time.nullable().describe("When it ends if nothing renews it before."),
    refreshedAt: time.nullable(),
    connectedAt: time.nullable(),
    connectedBy: person.nullable(),
    disconnectedAt: time.nullable(),
    account: z
      .object({ id: z.string().nullable(), name: z.string().nullable() })
      .nullable()
      .describe("At the provider, as far as it said."),
    standsOn: z
      .enum(["person", "application", "key"])
      .describe("Whose access it is: a person's, who may leave; an application's own; whoever made the key."),
    scopes: z.object({
      granted: z.array(z.string()).nullable().describe("null: the provider did not say, or knows none."),
      required: z.array(z.string()).describe("By the resources of the connector."),
    }),
    disabled: z
      .array(z.object({ resource: z.string(), use: z.enum(["read", "write"]), missing: z.array(z.string()) }))
      .describe("What does not work because scopes are missing; reconnecting may grant them."),
  })
  .meta({ id: "Connection", description: "A tenant's account at a provider, and how it stands; without its secrets." });

export const connectionPage = z.object({ items: z.array(connection), next }).meta({ id: "ConnectionPage" });

export const connectionParameter = z.object({ id: storable.describe("Of the connection.") });

export const disconnection = z
  .object({
    revocation: z
      .enum(["revoked", "unsupported", "pending", "none"])
      .describe(
        "revoked: the provider refuses the credential from now on. unsupported: the provider has no way to be told; its owner can end it there. pending: it is told again until it takes it, for a day. none: there was none.",
      ),
  })
  .meta({ id: "Disconnection" });

export const webhookSecrets = z
  .object({ secrets: z.array(z.string().min(1).max(1_024)).max(4).describe("All valid at once. Empty: nothing is believed.") })
  .meta({ id: "WebhookSecrets" });

export const done = z.object({ done: z.literal(true) }).meta({ id: "Done" });

const name = z.string().min(1).max(200);
export const connectSessionRequest = z
  .object({
    tenant: storable.describe("Who connects."),
    connector: storable.describe("The id of one of the connectors."),
    connection: storable
      .optional()
      .describe("Reconnects this one: it keeps its id, its history and what waits for it. Default: a new one."),
    returnUrl: z
      .url()
      .max(2_000)
      .optional()
      .describe(
        "Where the browser goes afterwards, with ?connection=…&status=connected or cancelled; of an allowed origin. Default: it stays at a page that says that it can be closed.",
      ),
    settings: z
      .record(z.string(), z.string().max(500))
      .optional()
      .describe("Values for placeholders of the address that are known already; others are asked for."),
    baseUrl: z
      .url()
      .max(500)
      .optional()
      .describe(
        "Of a host of the customer's own, in place of the connector's address. Admins and engineers only: it opens private addresses.",
      ),
    scopes: z.array(name).max(200).optional().describe("Default: all that the connector declares."),
    user: z
      .object({ id: name.optional(), name: name.optional() })
      .optional()
      .describe("Your user who connects; shown on the page, and kept encrypted."),
  })
  .meta({ id: "ConnectSessionRequest" });
export const connectSession = z
  .object({ url: z.string().describe("Send the user there. It is a secret, good for one connection."), expiresAt: time })
  .meta({ id: "ConnectSession" });
