import { BelayError, type Connection } from "@belay/sdk";
import { createSession, disconnect } from "../connect/index.ts";
import { removeConnection, setWebhookSecrets } from "../connections/index.ts";
import {
  connection as connectionSchema,
  connectionPage,
  connectionParameter,
  connectSession,
  connectSessionRequest,
  disconnection,
  done,
  webhookSecrets,
} from "./connection-schemas.ts";
import { toCursor } from "./cursor.ts";
import { beginning } from "./message-routes.ts";
import { once } from "./once.ts";
import { pageQuery, storable } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope, idempotencyHeader } from "./scope.ts";
import { tellConnections } from "./tell-connection.ts";

const tags = ["connections"];

/** Connections: how they stand, links by which people connect, and giving an account up. */
export function registerConnectionRoutes(scope: ApiScope, parts: ApiParts): void {
  registerReading(scope, parts);
  registerChanging(scope, parts);
  scope.post(
    "/connect-sessions",
    {
      config: { permission: "connect-sessions.create" },
      schema: {
        operationId: "createConnectSession",
        tags,
        summary: "Makes a link by which one of your users connects an account, once, within half an hour.",
        headers: idempotencyHeader,
        body: connectSessionRequest,
        response: answers(connectSession),
      },
    },
    async ({ body, principal, headers: { "idempotency-key": key } }) => {
      const isTrusted = principal.role === "admin" || principal.role === "engineer";
      if (body.baseUrl !== undefined && (!isTrusted || principal.tenant !== undefined))
        throw new BelayError(
          "ACCESS_DENIED",
          "baseUrl: only admins and engineers of all tenants may name an address, because it opens private ones.",
        );
      const request = `POST /v1/connect-sessions ${JSON.stringify(body)}`;
      return await once({ db: parts.database.db, cipher: parts.cipher }, { key, tenant: body.tenant, request }, async () =>
        createSession(parts.connecting, body, principal.actor),
      );
    },
  );
}

function registerReading(scope: ApiScope, parts: ApiParts): void {
  const { catalog, connecting } = parts;
  const telling = { db: parts.database.db, cipher: parts.cipher, catalog: connecting.catalog, credentials: parts.credentials };
  scope.get(
    "/connections",
    {
      config: { permission: "connections.read" },
      schema: {
        operationId: "listConnections",
        tags,
        summary: "Connections and how they stand: those of the configuration first, then those that were made since.",
        querystring: pageQuery.extend({ tenant: storable.optional() }),
        response: answers(connectionPage),
      },
    },
    async ({ query: { tenant, limit, cursor } }) => {
      const all = tenant === undefined ? [...catalog.connections.values()] : catalog.ofTenant(tenant);
      const begin = beginning(cursor) ?? 0;
      const items = await tellConnections(telling, all.slice(begin, begin + limit));
      return { items, next: toCursor(begin + limit < all.length ? begin + limit : null) };
    },
  );
  scope.get(
    "/connections/:id",
    {
      config: { permission: "connections.read", connectionIn: "id" },
      schema: {
        operationId: "showConnection",
        tags,
        summary: "One connection and how it stands.",
        params: connectionParameter,
        response: answers(connectionSchema),
      },
    },
    async ({ params: { id } }) => {
      const [told] = await tellConnections(telling, [find(parts, id)]);
      if (told === undefined) throw absent(id);
      return told;
    },
  );
}

function registerChanging(scope: ApiScope, parts: ApiParts): void {
  const { connecting } = parts;
  const config = { permission: "connections.manage", connectionIn: "id" } as const;
  const shared = { tags, params: connectionParameter };
  scope.post(
    "/connections/:id/disconnect",
    {
      config,
      schema: {
        ...shared,
        operationId: "disconnectConnection",
        summary: "Gives the account up: its credential is shredded here and given back at the provider. What waits for it stays.",
        response: answers(disconnection),
      },
    },
    async ({ params: { id }, principal }) => ({ revocation: await disconnect(connecting, find(parts, id), principal.actor) }),
  );
  scope.delete(
    "/connections/:id",
    {
      config,
      schema: {
        ...shared,
        operationId: "removeConnection",
        summary: "Forgets a disconnected connection for good. Safe to repeat only until another answer than 404 has come.",
        response: answers(done),
      },
    },
    async ({ params: { id } }) => {
      await removeConnection(parts.database.db, connecting.catalog, find(parts, id));
      await connecting.connections.sync();
      return { done: true as const };
    },
  );
  scope.put(
    "/connections/:id/webhook-secrets",
    {
      config,
      schema: {
        ...shared,
        operationId: "setWebhookSecrets",
        summary: "Replaces the secrets that webhooks of the connection are signed with. Give the old and the new one while you rotate.",
        body: webhookSecrets,
        response: answers(done),
      },
    },
    async ({ params: { id }, body: { secrets } }) => {
      await setWebhookSecrets({ db: parts.database.db, cipher: parts.cipher, catalog: connecting.catalog }, find(parts, id), secrets);
      await connecting.connections.sync();
      return { done: true as const };
    },
  );
}

function find({ catalog }: ApiParts, id: string): Connection {
  const found = catalog.connections.get(id);
  if (found === undefined) throw absent(id);
  return found;
}

/** The same words as for what is another tenant's. */
function absent(id: string): BelayError {
  return new BelayError("API_NOT_FOUND", `There is no connection "${id}".`);
}
