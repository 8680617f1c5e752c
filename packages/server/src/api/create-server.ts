import { isBelayError } from "@belay/sdk";
import type { Socket } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { boundConnections, defaultMostConnections } from "./bound-connections.ts";
import { isDatabaseError, processDatabaseError } from "../db/index.ts";
import type { Logger } from "../telemetry/index.ts";
import { sendKnownProblem, sendProblem, writeProblem } from "./problem.ts";

/** Headers come in one piece from everybody who does not hold a connection for its own sake. */
const headersTimeout = 10_000;
/** How often is looked for requests that have taken too long: each lives by so much longer. */
const connectionsCheckingInterval = 2_000;

/**
 * The HTTP server that slices register their routes on. Everything it answers on its own is a problem document too.
 *
 * @param streaming Connections on which a request may take longer than 30 s to arrive.
 * @param mostConnections See `boundConnections`.
 * @param trustedProxies Whose word is taken for where a request came from; see `BelayOptions.http`.
 */
export function createServer(
  logger: Logger,
  streaming: WeakSet<Socket> = new WeakSet(),
  trustedProxies: readonly string[] = [],
  mostConnections: number = defaultMostConnections,
): FastifyInstance {
  const server = Fastify({
    // Everybody may send these headers: without a proxy that sets them anew, whoever throttles by address would be led by the nose.
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    requestTimeout: 30_000,
    http: { headersTimeout, connectionsCheckingInterval },
    keepAliveTimeout: 75_000,
    bodyLimit: 1024 * 1024,
    forceCloseConnections: "idle",
    // Providers' ids have up to 512 characters here, each of which takes up to three in a path, or more.
    routerOptions: { maxParamLength: 2_000 },
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, "API_REQUEST_INVALID", error.message);
    },
    clientErrorHandler: (error, socket) => {
      // Node says so once, and ends nothing by itself. The body goes somewhere else, and is watched there.
      if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && streaming.has(socket)) return;
      writeProblem(socket, error.code);
    },
  });
  boundConnections(server.server, streaming, mostConnections);
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, "API_NOT_FOUND", `There is nothing at ${request.method} ${request.url.split("?")[0]}.`),
  );
  server.setErrorHandler((error, _request, reply) => {
    const known = isBelayError(error) ? sendKnownProblem(reply, error.code, error.message) : undefined;
    if (known !== undefined) return known;
    const status = typeof error === "object" && error !== null && "statusCode" in error ? Number(error.statusCode) : 500;
    if (status < 500)
      return sendProblem(reply, "API_REQUEST_INVALID", error instanceof Error ? error.message : "The request is not valid HTTP or JSON.");
    logger.error({ error }, "A request failed.");
    const isDatabase = isDatabaseError(error) && processDatabaseError(error) === "unavailable";
    return isDatabase
      ? sendProblem(reply, "API_UNAVAILABLE", "The database does not answer now.")
      : sendProblem(reply, "API_FAILED", "The request failed.");
  });
  return server;
}
