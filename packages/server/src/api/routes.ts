import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject, serializerCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { guardRoutes } from "../access/index.ts";
import { registerApiKeyRoutes } from "./api-key-routes.ts";
import { registerAuditRoutes } from "./audit-routes.ts";
import { registerProxy } from "../proxy/index.ts";
import { registerBatchRoutes } from "./batch-routes.ts";
import { registerCacheRoutes } from "./cache-routes.ts";
import { registerChangeRoutes } from "./change-routes.ts";
import { registerConnectionRoutes } from "./connection-routes.ts";
import { registerDeadLetterRoutes } from "./dead-letter-routes.ts";
import { registerErrorRoutes } from "./error-routes.ts";
import { registerEventRoutes } from "./event-routes.ts";
import { registerInstallationRoutes } from "./installation-routes.ts";
import { registerLimitRoutes } from "./limit-routes.ts";
import { registerMeasureRoutes } from "./measure-routes.ts";
import { registerMessageRoutes } from "./message-routes.ts";
import { registerNoticeRoutes } from "./notice-routes.ts";
import { registerProxiedCallRoutes } from "./proxied-call-routes.ts";
import { registerProviderRoutes } from "./provider-routes.ts";
import { registerOperatorRoutes } from "./operator-routes.ts";
import type { ApiParts } from "./scope.ts";
import { registerIdentityRoutes } from "./identity-routes.ts";
import { registerTwoWayRoutes } from "./two-way-routes.ts";
import { refuseUnknown } from "./refuse-unknown.ts";
import { registerRecordRoutes } from "./record-routes.ts";
import { registerStreamRoutes } from "./stream-routes.ts";
import { registerStoryRoutes } from "./story-routes.ts";
import { registerReconcileRoutes } from "./reconcile-routes.ts";
import { registerSyncRoutes } from "./sync-routes.ts";
import { registerUnifiedRoutes } from "./unified-routes.ts";
import { registerViewRoutes } from "./view-routes.ts";
import { registerTrafficRoutes } from "./traffic-routes.ts";
import { tidyDocument } from "./tidy-document.ts";

const description =
  "For the host application and for those who run the installation. Every request needs an API key or the admin token, as a bearer token; each operation names the permission that the key's role has to have. Refusals are problem documents (RFC 9457) with a stable code; POST takes an Idempotency-Key.";

/**
 * The API under `/v1`, and its description at `/v1/openapi.json`. Every request needs somebody who may; requests and answers have schemas, and what does not fit them
 * is refused.
 */
export function registerApi(server: FastifyInstance, parts: ApiParts): void {
  server.register(
    async (plain) => {
      const scope = plain.withTypeProvider<ZodTypeProvider>();
      scope.setValidatorCompiler(refuseUnknown);
      scope.setSerializerCompiler(serializerCompiler);
      await scope.register(swagger, {
        openapi: {
          openapi: "3.1.0",
          info: { title: "Belay", version: "1", description, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
          components: { securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key, or the admin token." } } },
          security: [{ key: [] }],
        },
        transform: jsonSchemaTransform,
        transformObject: jsonSchemaTransformObject,
      });
      const { authenticate, audit, headers } = parts.access;
      guardRoutes(scope, { authenticate, audit, headers, tenantOfConnection: (id) => parts.catalog.connections.get(id)?.tenant });
      registerEventRoutes(scope, parts);
      registerMessageRoutes(scope, parts);
      registerStoryRoutes(scope, parts);
      registerDeadLetterRoutes(scope, parts);
      registerStreamRoutes(scope, parts);
      registerConnectionRoutes(scope, parts);
      registerChangeRoutes(scope, parts);
      registerBatchRoutes(scope, parts);
      registerCacheRoutes(scope, parts);
      registerViewRoutes(scope, parts);
      registerInstallationRoutes(scope, parts);
      registerNoticeRoutes(scope, parts);
      registerMeasureRoutes(scope, parts);
      registerSyncRoutes(scope, parts);
      registerReconcileRoutes(scope, parts);
      registerRecordRoutes(scope, parts);
      registerIdentityRoutes(scope, parts);
      registerTwoWayRoutes(scope, parts);
      registerUnifiedRoutes(scope, parts);
      registerTrafficRoutes(scope, parts);
      registerLimitRoutes(scope, parts);
      registerProviderRoutes(scope, parts);
      registerErrorRoutes(scope, parts);
      registerApiKeyRoutes(scope, parts);
      registerAuditRoutes(scope, parts);
      registerProxiedCallRoutes(scope, parts);
      registerOperatorRoutes(scope, parts);
      if (parts.proxy !== undefined) registerProxy(scope, { ...parts.proxy, catalog: parts.catalog });
      scope.get("/openapi.json", { config: { permission: "description.read" }, schema: { hide: true } }, () =>
        tidyDocument(scope.swagger()),
      );
    },
    { prefix: "/v1" },
  );
}
