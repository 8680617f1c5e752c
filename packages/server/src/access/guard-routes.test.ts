import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { expect, test } from "vitest";
import { z } from "zod";
import { guardRoutes } from "./guard-routes.ts";
import { permissions } from "./permissions.ts";
import { administrator, isPermitted, type Principal } from "./principal.ts";
import { roles } from "./roles.ts";

const connections = new Map([
  ["acme-shop", "acme"],
  ["globex-shop", "globex"],
]);

const confined: Principal = { kind: "apiKey", id: "k", role: "engineer", tenant: "acme", actor: "key:k" };

/** A server with a route of each kind, that answers what its handler got to see. */
async function serve(principal: Principal | undefined, more: (scope: FastifyInstance) => void = () => {}): Promise<FastifyInstance> {
  const server = Fastify();
  server.setErrorHandler(async (error, _request, reply) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const status = { API_UNAUTHORIZED: 401, ACCESS_DENIED: 403, API_NOT_FOUND: 404 }[code] ?? 400;
    return await reply.code(status).send({ code, detail: error instanceof Error ? error.message : "" });
  });
  server.register(async (plain) => {
    const scope = plain.withTypeProvider<ZodTypeProvider>();
    scope.setValidatorCompiler(validatorCompiler);
    scope.setSerializerCompiler(serializerCompiler);
    guardRoutes(scope, {
      authenticate: () => principal,
      tenantOfConnection: (id) => connections.get(id),
      audit: { write: async () => {}, refuse: () => {} },
    });
    const tenant = z.object({ tenant: z.string().min(1).optional() });
    const echo = (request: { query: unknown; body: unknown; principal: Principal }): object => ({
      query: request.query,
      body: request.body ?? null,
      actor: request.principal.actor,
    });
    scope.get("/messages", { config: { permission: "messages.read" }, schema: { querystring: tenant } }, echo);
    scope.post("/events", { config: { permission: "events.emit" }, schema: { body: tenant.extend({ data: z.unknown() }) } }, echo);
    scope.post("/proxy/:connection", { config: { permission: "proxy.call", connectionIn: "connection" } }, echo);
    scope.get("/installation", { config: { permission: "installation.read" } }, echo);
    more(plain);
  });
  await server.ready();
  return server;
}

async function ask(
  server: FastifyInstance,
  method: "GET" | "POST",
  url: string,
  payload?: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await server.inject({ method, url, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

test("a route that leaves open who may call it, or of whom it tells, is not served", async () => {
  await expect(serve(administrator, (scope) => scope.get("/open", () => "x"))).rejects.toMatchObject({
    code: "ACCESS_ROUTE_OPEN",
    message: expect.stringMatching(/^GET, HEAD \/open|^GET \/open/),
  });
  const wide = serve(administrator, (scope) => scope.get("/wide", { config: { permission: "messages.read" } }, () => "x"));
  await expect(wide).rejects.toMatchObject({ code: "ACCESS_ROUTE_OPEN", message: expect.stringContaining("/wide") });
});

test("nobody gets in without being known", async () => {
  const server = await serve(undefined);
  expect(await ask(server, "GET", "/messages")).toMatchObject({ status: 401, body: { code: "API_UNAUTHORIZED" } });
});

test("who is confined to a tenant gets its tenant put in, in query and body", async () => {
  const server = await serve(confined);
  expect((await ask(server, "GET", "/messages")).body).toMatchObject({ query: { tenant: "acme" }, actor: "key:k" });
  expect((await ask(server, "GET", "/messages?tenant=acme")).body).toMatchObject({ query: { tenant: "acme" } });
  expect((await ask(server, "POST", "/events", { data: 1 })).body).toMatchObject({ body: { tenant: "acme", data: 1 } });
  expect((await ask(server, "GET", "/messages?tenant=acme&tenant=globex")).status).toBe(400);
  expect((await ask(server, "GET", "/messages?tenant=")).status).toBe(404);
});

test("another tenant is answered like one that does not exist, and another's connection like none", async () => {
  const server = await serve(confined);
  const without = (text: unknown, name: string): string => JSON.stringify(text).replaceAll(name, "…");
  const foreign = await ask(server, "GET", "/messages?tenant=globex");
  expect(foreign.status).toBe(404);
  expect(without(foreign, "globex")).toBe(without(await ask(server, "GET", "/messages?tenant=nobody"), "nobody"));
  const other = await ask(server, "POST", "/events", { tenant: "globex", data: 1 });
  expect(without(other, "globex")).toBe(without(await ask(server, "POST", "/events", { tenant: "nobody", data: 1 }), "nobody"));
  const proxied = await ask(server, "POST", "/proxy/globex-shop", { tenant: "globex" });
  expect(proxied.status).toBe(404);
  expect(without(proxied, "globex-shop")).toBe(without(await ask(server, "POST", "/proxy/no-such", { tenant: "globex" }), "no-such"));
});

test("a member of a body that only looks like a tenant is left alone", async () => {
  const server = await serve(confined);
  expect((await ask(server, "POST", "/proxy/acme-shop", { tenant: "globex" })).body).toMatchObject({ body: { tenant: "globex" } });
});

test("who is confined has nothing of the whole installation, whatever the role", async () => {
  expect((await ask(await serve({ ...confined, role: "admin" }), "GET", "/installation")).status).toBe(403);
  expect((await ask(await serve(administrator), "GET", "/installation")).status).toBe(200);
});

test("a key with fewer permissions has no more than those, and a key never more than its role", () => {
  const key: Principal = { ...administrator, permissions: ["messages.read"] };
  expect([isPermitted(key, "messages.read"), isPermitted(key, "events.emit")]).toEqual([true, false]);
  expect(isPermitted({ ...key, role: "tenant", tenant: "acme" }, "messages.read")).toBe(false);
});

test("the administrator has every permission, and a tenant's user none of the whole installation", () => {
  const names = Object.keys(permissions) as (keyof typeof permissions)[];
  const user: Principal = { kind: "session", id: "s", role: "tenant", tenant: "acme", actor: "session:s" };
  expect(names.filter((name) => permissions[name].of === "installation" && isPermitted(user, name))).toEqual([]);
  expect(names.every((name) => permissions[name].roles.every((role) => roles.includes(role)))).toBe(true);
});
