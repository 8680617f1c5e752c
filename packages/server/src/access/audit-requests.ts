import { isBelayError } from "@belay/sdk";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AuditFact, AuditLog, AuditOutcome } from "../audit/index.ts";
import type { TenantOfConnection } from "./confine-request.ts";
import { type PermissionRow, permissions } from "./permissions.ts";
import type { Principal } from "./principal.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What a request was about, where its path does not say so; set by a handler, without personal data. */
    auditObject: string | undefined;
    /** Set once the entry is written in the transaction of the change itself. */
    auditedInTransaction: boolean;
    /** The code of the error that it ends with. */
    failedWith: string;
  }
}

interface Parts {
  readonly audit: Pick<AuditLog, "write" | "refuse">;
  readonly tenantOfConnection: TenantOfConnection;
}

/** At most so much of an object's text. */
const longestObject = 300;

/**
 * Writes into the audit log what the table of permissions wants there, and everybody who was kept out: before the answer leaves, so that nothing is shown that is not written
 * down. Refusals do not wait: whoever knocks without end must not make us work for it.
 */
export function auditRequests(scope: Pick<FastifyInstance, "addHook" | "decorateRequest">, { audit, tenantOfConnection }: Parts): void {
  scope.decorateRequest("auditObject", undefined);
  scope.decorateRequest("auditedInTransaction", false);
  scope.decorateRequest("failedWith", "");
  scope.addHook("onError", (request, _reply, error, done) => {
    request.failedWith = isBelayError(error) ? error.code : "";
    done();
  });
  scope.addHook("onSend", async (request, reply) => {
    const outcome = outcomeOf(request, reply.statusCode);
    if (outcome === undefined) return;
    const fact = factOf(request, tenantOfConnection, outcome, reply.statusCode);
    if (outcome === "refused" || outcome === "failed") audit.refuse(fact);
    else await audit.write(fact);
  });
}

/** What a handler writes down in the transaction of its change; `auditRequests` then writes nothing more of a request that went well. */
export function askedBy(request: FastifyRequest): (object: string) => AuditFact {
  return (object) => {
    request.auditedInTransaction = true;
    request.auditObject = object;
    return factOf(request, () => undefined, "done", 200);
  };
}

/** `undefined`: nothing to write down. */
function outcomeOf(request: FastifyRequest, status: number): AuditOutcome | undefined {
  const { permission } = request.routeOptions.config;
  const row: PermissionRow | undefined = permission && permissions[permission];
  const wanted = row?.audit ?? "none";
  if (status === 401 || status === 403) return "refused";
  // Whoever is confined and asks for what is not theirs is told that it is not there.
  if (status === 404 && principalOf(request)?.tenant !== undefined) return "refused";
  // Of what failed because the log itself cannot be written, nothing can be written either.
  if (wanted === "none" || request.failedWith === "AUDIT_UNWRITTEN") return undefined;
  if (status >= 400) return "failed";
  if (wanted === "change") return request.auditedInTransaction ? undefined : "done";
  return wanted;
}

function factOf(request: FastifyRequest, tenantOfConnection: TenantOfConnection, outcome: AuditOutcome, status: number): AuditFact {
  const principal = principalOf(request);
  const { permission, connectionIn } = request.routeOptions.config;
  const known = { action: permission ?? "", outcome, status, code: request.failedWith, address: request.ip };
  // Of a stranger nothing is kept that the stranger wrote.
  if (principal === undefined) return { ...known, actor: "nobody", role: "", tenant: "", object: "" };
  const parameters = toRecord(request.params);
  const connection = connectionIn === undefined ? undefined : textOf(parameters[connectionIn]);
  const tenant =
    principal.tenant ??
    textOf(toRecord(request.query)["tenant"]) ??
    (connection === undefined ? undefined : tenantOfConnection(connection));
  const { actor, role } = principal;
  return { ...known, actor, role, tenant: (tenant ?? "").slice(0, 200), object: request.auditObject ?? objectOf(parameters) };
}

/** `id=12`; what a proxied path holds may be personal and is left out. */
function objectOf(parameters: Readonly<Record<string, unknown>>): string {
  const named = Object.entries(parameters).filter(([name]) => name !== "*" && name !== "tenant");
  return named
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(" ")
    .slice(0, longestObject);
}

/** Before anybody is recognized there is none, whatever the type says. */
function principalOf({ principal }: { readonly principal?: Principal }): Principal | undefined {
  return principal;
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
