import {
  askedBy,
  endOperatorSession,
  isPermitted,
  listOperators,
  listSessions,
  type Permission,
  permissions,
  takeAccessAway,
} from "../access/index.ts";
import { operatorId, operators, operatorSessions, ownSession, sessionId } from "./access-schemas.ts";
import { count } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const tags = ["access"];
const config = { permission: "operators.manage" } as const;

/** Who one is, and who else signs in. */
export function registerOperatorRoutes(scope: ApiScope, { database: { db }, cipher, access }: ApiParts): void {
  const parts = { db, audit: access.audit };
  scope.get(
    "/session",
    {
      config: { permission: "session.own" },
      schema: { operationId: "readSession", tags, summary: "Who one is, and what one may do.", response: answers(ownSession) },
    },
    (request) => {
      const { kind, actor, role, tenant } = request.principal;
      const granted = (Object.keys(permissions) as Permission[]).filter((name) => isPermitted(request.principal, name));
      return { kind, actor, role, tenant: tenant ?? null, permissions: granted, antiForgery: access.antiForgeryOf(request) ?? null };
    },
  );
  scope.delete(
    "/session",
    {
      config: { permission: "session.own" },
      schema: {
        operationId: "endOwnSession",
        tags,
        summary: "Signs out. The count is 0 for whoever came without a session.",
        response: answers(count),
      },
    },
    async (request, reply) => {
      const cookie = await access.signOut(request);
      if (cookie !== undefined) reply.header("set-cookie", cookie);
      return { count: cookie === undefined ? 0 : 1 };
    },
  );
  scope.get(
    "/operators",
    { config, schema: { operationId: "listOperators", tags, summary: "Who signs in here.", response: answers(operators) } },
    async () => ({ items: await listOperators(db, cipher) }),
  );
  scope.delete(
    "/operators/:id",
    {
      config,
      schema: {
        operationId: "takeAccessAway",
        tags,
        summary: "Lets an operator in no more and ends its sessions, everywhere within two seconds.",
        params: operatorId,
        response: answers(count),
      },
    },
    async (request) => {
      await takeAccessAway(parts, request.params.id, askedBy(request));
      return { count: 1 };
    },
  );
  scope.get(
    "/operator-sessions",
    { config, schema: { operationId: "listOperatorSessions", tags, summary: "Sessions that live.", response: answers(operatorSessions) } },
    async () => ({ items: await listSessions(db) }),
  );
  scope.delete(
    "/operator-sessions/:id",
    {
      config,
      schema: {
        operationId: "endOperatorSession",
        tags,
        summary: "Ends a session, everywhere within two seconds.",
        params: sessionId,
        response: answers(count),
      },
    },
    async (request) => {
      await endOperatorSession(parts, request.params.id, askedBy(request));
      return { count: 1 };
    },
  );
}
