import { defineConfig, defineConnector, Secret } from "@belay/sdk";
import { createMemoryBreaker, createMemoryBudget, createNetwork, systemClock } from "@belay/sdk/http";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import { z } from "zod";
import { guardRoutes, type Principal } from "../../access/index.ts";
import { buildCatalog } from "../../catalog/index.ts";
import type { CredentialSource } from "../book-credentials.ts";
import type { EndedCall } from "../call-provider.ts";
import { defaultProxyOptions, type ProxyOptions } from "../options.ts";
import { registerProxy } from "../routes.ts";

export const token = "the-token-of-the-administrator";
export const credential = "s3cret-of-acme";

const bank = defineConnector({
  id: "bank",
  title: "Bank",
  baseUrl: "https://bank.example",
  auth: { kind: "bearer" },
  resources: {
    payment: {
      path: "/payments",
      id: "id",
      schema: z.object({ id: z.string() }),
      create: { input: z.object({}), safety: { kind: "key", header: "Payment-Key", keptFor: "1d" } },
    },
    note: {
      path: "/notes",
      id: "id",
      schema: z.object({ id: z.string() }),
      create: { input: z.object({}), safety: { kind: "once" } },
      update: { input: z.object({}), method: "PUT", safety: { kind: "natural" } },
    },
  },
});

/** Its key stands in the query. */
const maps = defineConnector({
  id: "maps",
  title: "Maps",
  baseUrl: "https://maps.example",
  auth: { kind: "apiKey", query: "key" },
  resources: {},
});

export type Provider = (request: IncomingMessage, response: ServerResponse) => void;

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  /** Below the connection; may be anything. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The whole target of the request, in the place of the one made of `path`. */
  readonly target?: string;
}

export interface Proxied extends AsyncDisposable {
  readonly url: string;
  /** What reached the provider, as `GET /base/x`. */
  readonly seen: readonly string[];
  readonly ended: readonly EndedCall[];
  call(asked?: Asked): Promise<Told>;
  callConnection(connection: string, asked?: Asked): Promise<Told>;
}

/** A provider, the proxy in front of it, both on sockets, and what is told of the calls. */
export async function startProxied(
  provider: Provider,
  options: ProxyOptions & { readonly book?: CredentialSource } = {},
): Promise<Proxied> {
  const seen: string[] = [];
  const far = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    provider(request, response);
  });
  await new Promise<void>((resolve) => far.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(far.address() as AddressInfo).port}/base`;
  const catalog = buildCatalog(
    defineConfig({
      connectors: [bank, maps],
      flows: [],
      connections: [
        { id: "acme-bank", tenant: "acme", connector: "bank", baseUrl, credential: { token: new Secret(credential) } },
        { id: "acme-maps", tenant: "acme", connector: "maps", baseUrl, credential: { apiKey: new Secret(credential) } },
        {
          id: "acme-lost",
          tenant: "acme",
          connector: "bank",
          baseUrl: "http://127.0.0.1:1",
          credential: { token: new Secret(credential) },
        },
      ],
    }),
  );
  const network = createNetwork();
  const ended: EndedCall[] = [];
  const server = Fastify();
  const caller: Principal = { kind: "apiKey", id: "admin", role: "admin", tenant: undefined, actor: "admin" };
  await server.register(
    async (scope) => {
      guardRoutes(scope, {
        authenticate: ({ headers: { authorization } }) => (authorization === `Bearer ${token}` ? caller : undefined),
        tenantOfConnection: (id) => catalog.connections.get(id)?.tenant,
        audit: { write: async () => {}, refuse: () => {} },
      });
      registerProxy(scope, {
        catalog,
        ports: {
          clock: systemClock,
          random: () => 0,
          network,
          breaker: createMemoryBreaker(),
          budget: createMemoryBudget(),
          attemptTimeoutMs: options.idleTimeoutMs ?? 5_000,
        },
        logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
        options: { ...defaultProxyOptions, ...options },
        book: options.book ?? {
          current: ({ credential: fields = {} }) => ({ version: 0, fields, expiresAtMs: null }),
          refused: async ({ credential: fields = {} }) => ({ version: 0, fields, expiresAtMs: null }),
        },
        streaming: new WeakSet(),
        onEnd: (call) => ended.push(call),
      });
    },
    { prefix: "/v1" },
  );
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    seen,
    ended,
    call: (asked: Asked = {}) => call(url, "acme-bank", asked),
    callConnection: (connection: string, asked: Asked = {}) => call(url, connection, asked),
    async [Symbol.asyncDispose](): Promise<void> {
      far.closeAllConnections();
      server.server.closeAllConnections();
      await Promise.all([server.close(), network[Symbol.asyncDispose](), new Promise((resolve) => far.close(resolve))]);
    },
  };
}

/** As it is written: a client that tidies paths up would hide what the proxy has to refuse. */
function call(url: string, connection: string, { method = "GET", path = "/x", headers = {}, body, target }: Asked): Promise<Told> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = requestHttp(
      {
        hostname,
        port,
        method,
        path: target ?? `/v1/proxy/${connection}${path}`,
        headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-length": Buffer.byteLength(body) }), ...headers },
        agent: false,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
        );
        answer.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Answers with what was asked. */
export const echo: Provider = (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = JSON.stringify({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    });
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
};
