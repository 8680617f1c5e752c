import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { guardRoutes, recognizeAdminToken } from "../access/index.ts";
import { registerProxy } from "../proxy/index.ts";
import { registerDeadLetterRoutes } from "./dead-letter-routes.ts";
import { registerErrorRoutes } from "./error-routes.ts";
import { registerEventRoutes } from "./event-routes.ts";
import { registerInstallationRoutes } from "./installation-routes.ts";
import { registerMeasureRoutes } from "./measure-routes.ts";
import { registerMessageRoutes } from "./message-routes.ts";
import type { ApiParts } from "./scope.ts";
import { registerStreamRoutes } from "./stream-routes.ts";
import { registerStoryRoutes } from "./story-routes.ts";
import { tidyDocument } from "./tidy-document.ts";

const description =
  "For the host application and the administrator. Every request needs the admin token. Refusals are problem documents (RFC 9457) with a stable code; POST takes an Idempotency-Key.";

/**
 * The API under `/v1`, and its description at `/v1/openapi.json`. Every request needs the admin token; requests and answers have schemas, and what does not fit them
 * is refused.
 */
export function registerApi(server: FastifyInstance, parts: ApiParts): void {
  server.register(
    async (plain) => {
      const scope = plain.withTypeProvider<ZodTypeProvider>();
      scope.setValidatorCompiler(validatorCompiler);
      scope.setSerializerCompiler(serializerCompiler);
      await scope.register(swagger, {
        openapi: {
          openapi: "3.1.0",
          info: { title: "Belay", version: "1", description, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
          components: { securitySchemes: { adminToken: { type: "http", scheme: "bearer" } } },
          security: [{ adminToken: [] }],
        },
        transform: jsonSchemaTransform,
        transformObject: jsonSchemaTransformObject,
      });
      const recognize = recognizeAdminToken(parts.adminToken);
      guardRoutes(scope, {
        authenticate: ({ headers: { authorization } }) => (authorization === undefined ? undefined : recognize(authorization)),
        tenantOfConnection: (id) => parts.catalog.connections.get(id)?.tenant,
      });
      registerEventRoutes(scope, parts);
      registerMessageRoutes(scope, parts);
      registerStoryRoutes(scope, parts);
      registerDeadLetterRoutes(scope, parts);
      registerStreamRoutes(scope, parts);
      registerInstallationRoutes(scope, parts);
      registerMeasureRoutes(scope, parts);
      registerErrorRoutes(scope, parts);
      if (parts.proxy !== undefined) registerProxy(scope, { ...parts.proxy, catalog: parts.catalog });
      scope.get("/openapi.json", { config: { permission: "description.read" }, schema: { hide: true } }, () =>
        tidyDocument(scope.swagger()),
      );
    },
    { prefix: "/v1" },
  );
}
