import { BelayError } from "@belay/sdk";
import type { FastifyInstance } from "fastify";
import type { Catalog } from "../catalog/index.ts";
import { callProvider, type ProxyParts } from "./call-provider.ts";
import { openConnections } from "./open-connections.ts";

/**
 * Registers `/proxy/:connection/*` for every method that the pipeline knows. Its bodies are not read by the server.
 *
 * Refuses with `API_NOT_FOUND` for a connection that is not there; what else comes is answered by `callProvider`.
 */
export function registerProxy(scope: FastifyInstance, { catalog, ...parts }: ProxyParts & { readonly catalog: Catalog }): void {
  const open = openConnections(parts.ports, parts.book);
  scope.register(async (own) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser("*", (_request, _payload, done) => done(null));
    own.route<{ Params: { connection: string } }>({
      method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
      url: "/proxy/:connection/*",
      config: { permission: "proxy.call", connectionIn: "connection" },
      schema: { hide: true },
      handler: async (request, reply) => {
        const { connection: id } = request.params;
        const connection = catalog.connections.get(id);
        const connector = catalog.connectors.get(connection?.connector ?? "");
        if (connection === undefined || connector === undefined) throw new BelayError("API_NOT_FOUND", `There is no connection "${id}".`);
        if (parts.isPaused?.(connection) === true)
          throw new BelayError("TRAFFIC_PAUSED", `Calls to connection "${id}" are paused; \`belay paused\` says who did it, and why.`);
        reply.hijack();
        await callProvider(parts, connection, () => open(connector, connection), {
          request: request.raw,
          response: reply.raw,
          actor: request.principal.actor,
        });
      },
    });
  });
}
