import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Account } from "./account.ts";
import type { Operation } from "./perform.ts";
import type { ResourceModel } from "./resource-model.ts";

interface Parameters {
  readonly account: string;
  readonly id?: string;
}

/** Registers the provider's API under `/:account`, a set of routes per resource. */
export function registerRoutes(
  app: FastifyInstance,
  models: ReadonlyMap<string, ResourceModel>,
  accounts: ReadonlyMap<string, Account>,
): void {
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ error: "BadRequest", description: error.message }),
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "InvalidEndpoint", description: "Not found" }));

  const serve = async (request: FastifyRequest, reply: FastifyReply, resource: string, operation: Operation): Promise<void> => {
    const account = accounts.get(parametersOf(request).account);
    if (account === undefined) return reply.callNotFound();
    const outcome = await account.serve({ resource, headers: request.headers, operation }, () => clientGone(request));
    if (outcome.kind === "drop") {
      reply.hijack();
      request.raw.socket.destroy();
      return;
    }
    await reply
      .code(outcome.answer.status)
      .headers(outcome.answer.headers ?? {})
      .send(outcome.answer.body);
  };

  for (const { name, resource } of models.values()) {
    const collection = `/:account${resource.path}`;
    const single = `${collection}/:id`;
    if (resource.create) app.post(collection, (request, reply) => serve(request, reply, name, { kind: "create", body: request.body }));
    if (resource.find?.style.kind === "query")
      app.get(collection, (request, reply) => serve(request, reply, name, { kind: "list", query: queryOf(request) }));
    if (resource.get || resource.find?.style.kind === "path") {
      app.get(single, (request, reply) =>
        serve(request, reply, name, { kind: "read", id: parametersOf(request).id ?? "", query: queryOf(request) }),
      );
    }
    if (resource.update) {
      const { method } = resource.update;
      app.route({
        method,
        url: single,
        handler: (request, reply) =>
          serve(request, reply, name, { kind: "update", id: parametersOf(request).id ?? "", body: request.body }),
      });
    }
  }
}

/** The routes above name these parameters. */
function parametersOf(request: FastifyRequest): Parameters {
  return request.params as Parameters;
}

/** Fastify parses every query into an object. */
function queryOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  return request.query as Readonly<Record<string, unknown>>;
}

function clientGone(request: FastifyRequest): AbortSignal {
  const controller = new AbortController();
  request.raw.socket.once("close", () => controller.abort());
  return controller.signal;
}
