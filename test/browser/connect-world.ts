import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { defineConfig, defineConnector } from "@belay/sdk";
import { z } from "zod";
import { createServer } from "../../packages/server/src/api/index.ts";
import { buildCatalog, CatalogInForce } from "../../packages/server/src/catalog/index.ts";
import { createSession, registerConnect, type SessionRequest } from "../../packages/server/src/connect/index.ts";
import type { Database } from "../../packages/server/src/db/index.ts";
import { type OAuthServer, startOAuthServer } from "../oauth/start-oauth-server.ts";
import { connectingOf, type TestConnecting } from "../setup/connecting.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

/** The far end of keys, on this machine. */
export interface Desk extends AsyncDisposable {
  readonly url: string;
  /** What it answers from now on, whatever it is asked; 0: as the key is. */
  answers(status: number): void;
}

export const goodKey = "key-of-the-desk-0123456789";

async function startDesk(): Promise<Desk> {
  let forced = 0;
  const server = createHttpServer((request, response) => {
    const status = forced !== 0 ? forced : request.headers["x-api-key"] === goodKey ? 200 : 401;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(status === 200 ? '{"tickets":[]}' : "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: (status) => {
      forced = status;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createHttpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const record = z.looseObject({ id: z.string() });

function describeConnectors(oauth: OAuthServer) {
  const crm = defineConnector({
    id: "crm",
    title: "Northwind CRM",
    baseUrl: "https://crm.example",
    auth: { ...oauth.auth, optionalScopes: ["contacts.write"] },
    resources: {
      contact: {
        path: "/api/contacts",
        id: "id",
        schema: record,
        scopes: { read: ["contacts.read"], write: ["contacts.write"] },
        list: { paging: { kind: "none" } },
      },
    },
  });
  const desk = defineConnector({
    id: "desk",
    title: "Parcelo Desk",
    baseUrl: "https://{subdomain}.desk.example",
    auth: {
      kind: "apiKey",
      header: "x-api-key",
      fields: { apiKey: { label: "API key", help: "In Parcelo Desk under Settings → Integrations → API keys.", pattern: "[\\w\\-]{16,}" } },
    },
    resources: { ticket: { path: "/tickets", id: "id", schema: record, wrap: { many: "tickets" }, list: { paging: { kind: "none" } } } },
  });
  return { crm, desk };
}

export interface ConnectWorld extends AsyncDisposable {
  readonly url: string;
  readonly oauth: OAuthServer;
  readonly desk: Desk;
  readonly connecting: TestConnecting;
  readonly catalog: CatalogInForce;
  /** Makes a link; by default for tenant acme, at the providers of this machine. */
  link(request: Partial<SessionRequest> & Pick<SessionRequest, "connector">): Promise<string>;
}

/** Belay's pages for connecting, a host application to which they lead back, and two providers: one of OAuth (made by others), one of keys. */
export async function openConnectWorld(database: Database): Promise<ConnectWorld> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const oauth = await startOAuthServer({ redirectUris: [`${url}/connect/callback`] });
  const desk = await startDesk();
  const connectors = describeConnectors(oauth);
  const catalog = new CatalogInForce(
    buildCatalog(
      defineConfig({ connectors: [connectors.crm, connectors.desk], flows: [], connections: [], oauthClients: { crm: oauth.client } }),
    ),
  );
  const connecting = connectingOf(database, catalog, () => url);
  const server = createServer(silent);
  registerConnect(server, connecting.parts);
  server.get(
    "/app",
    async (request, reply) =>
      await reply
        .type("text/html")
        .send(`<h1>The application</h1><p id="query">${new URL(request.url, url).search.replaceAll("&", "&amp;")}</p>`),
  );
  await server.listen({ host: "127.0.0.1", port });
  return {
    url,
    oauth,
    desk,
    connecting,
    catalog,
    link: async (request) => {
      const baseUrl = request.connector === "crm" ? oauth.issuer : desk.url;
      const isNew = request.connection === undefined;
      const made = await createSession(
        connecting.parts,
        { tenant: "acme", returnUrl: `${url}/app`, ...(isNew && { baseUrl }), ...request },
        "admin",
      );
      return made.url;
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await connecting[Symbol.asyncDispose]();
      await oauth[Symbol.asyncDispose]();
      await desk[Symbol.asyncDispose]();
    },
  };
}
