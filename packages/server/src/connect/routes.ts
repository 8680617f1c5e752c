import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readFacts } from "../connections/index.ts";
import { AttemptLimiter } from "./attempt-limiter.ts";
import { beginAtProvider, scopesToAsk, takeWayBack } from "./begin-authorization.ts";
import { type Completion, readPending, settlePending } from "./complete-session.ts";
import { confirmPage, connectedPage, connectPage, leavingPage, noticeOfSession } from "./connect-page.ts";
import { sendsUser } from "./create-session.ts";
import { fieldsOfForm, readForm } from "./form-fields.ts";
import { goneLink, type Page, sendPage, tooManyRequests } from "./page.ts";
import type { ConnectParts } from "./parts.ts";
import { connectionOf, drawToken, readSession, type Session } from "./session.ts";
import { style } from "./style.ts";
import { countAttempt, setNotice } from "./store.ts";
import { submitCredential } from "./submit-credential.ts";

const longestForm = 128 * 1024;
const mostAttempts = 30;
const mostPerMinute = 120;
const cookieName = "belay_connect";
const token = /^[\w-]{43}$/;

/** The pages at which people connect: `/connect/{token}`, and `/connect/callback`, to which providers send them back. They work without scripts. */
export function registerConnect(server: FastifyInstance, parts: ConnectParts): void {
  const limiter = new AttemptLimiter(parts.clock, mostPerMinute);
  server.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        "application/x-www-form-urlencoded",
        { parseAs: "string", bodyLimit: longestForm },
        (_request, body, done) => done(null, new URLSearchParams(String(body))),
      );
      scope.addHook("onRequest", async (request, reply) => {
        if (!limiter.admit(request.ip)) return await sendPage(reply, tooManyRequests);
        // Another site's form has no business here; the link itself may be followed from anywhere.
        const site = request.headers["sec-fetch-site"];
        if (request.method === "POST" && site !== undefined && site !== "same-origin" && site !== "none")
          return await sendPage(reply, goneLink);
        return undefined;
      });
      scope.get("/style.css", async (_request, reply) =>
        reply
          .type("text/css; charset=utf-8")
          .headers({ "cache-control": "public, max-age=3600", "x-content-type-options": "nosniff" })
          .send(style),
      );
      scope.get("/callback", async (request, reply) => await comeBack(parts, request, reply));
      scope.get<{ Params: { token: string } }>("/:token", async (request, reply) => {
        const session = await findSession(parts, request.params.token);
        return await sendPage(reply, session === undefined ? goneLink : await show(parts, session));
      });
      scope.post<{ Params: { token: string } }>("/:token", async (request, reply) => await submit(parts, request, reply));
    },
    { prefix: "/connect" },
  );
}

async function findSession(parts: ConnectParts, given: string): Promise<Session | undefined> {
  const session = token.test(given) ? await readSession(parts, given) : undefined;
  if (session === undefined || !parts.catalog.connectors.has(session.row.connector)) return undefined;
  const { connection } = session.row;
  return connection !== null && !parts.catalog.connections.has(connection) ? undefined : session;
}

async function show(
  parts: ConnectParts,
  session: Session,
  sent: { readonly form?: URLSearchParams; readonly mistakes?: ReadonlyMap<string, string> } = {},
): Promise<Page> {
  const { row, details } = session;
  const connector = parts.catalog.connectors.get(row.connector);
  if (connector === undefined) return goneLink;
  if (row.completed) return connectedPage(session, connector);
  const pending = await readPending(parts, session);
  if (pending !== undefined) return confirmPage(session, connector, pending);
  const facts =
    row.connection === null
      ? undefined
      : (await readFacts(parts.db, parts.cipher, [{ tenant: row.tenant, id: row.connection }])).get(row.connection);
  const existing = parts.catalog.connections.get(row.connection ?? "");
  return connectPage({
    session,
    connector,
    account: facts?.accountName ?? facts?.accountId,
    // Of one with a base URL of its own, the connector's is not used.
    fields: fieldsOfForm(connector, (existing ?? details).baseUrl === undefined ? details.settings : undefined),
    form: sent.form ?? new URLSearchParams(),
    mistakes: sent.mistakes ?? new Map(),
    notice: sent.mistakes === undefined ? noticeOfSession(session) : undefined,
  });
}

async function submit(
  parts: ConnectParts,
  request: FastifyRequest<{ Params: { token: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const session = await findSession(parts, request.params.token);
  const connector = parts.catalog.connectors.get(session?.row.connector ?? "");
  if (session === undefined || connector === undefined) return await sendPage(reply, goneLink);
  const again = `/connect/${session.details.token}`;
  if (session.row.completed) return reply.redirect(again, 303);
  if ((await countAttempt(parts.db, session.row)) > mostAttempts) return await conclude(parts, session, "too-many", reply);
  const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  const existing = parts.catalog.connections.get(session.row.connection ?? "");
  const action = form.get("action");
  if (action === "confirm" || action === "discard") {
    const end = await settlePending(parts, session, connectionOf(session, connector, existing), action === "confirm");
    return end === undefined ? reply.redirect(again, 303) : await conclude(parts, session, end, reply);
  }
  const fields = fieldsOfForm(connector, (existing ?? session.details).baseUrl === undefined ? session.details.settings : undefined);
  const filled = readForm(fields, form);
  if (filled.kind === "wrong") return await sendPage(reply, await show(parts, session, { form, mistakes: filled.mistakes }));
  const connection = connectionOf(session, connector, existing, filled.settings);
  if (!sendsUser(connector))
    return await conclude(parts, session, await submitCredential(parts, session, connector, connection, filled.credential), reply);
  const optional = connector.auth.kind === "oauth2" ? (connector.auth.optionalScopes ?? []) : [];
  const scopes = scopesToAsk(session, connector).filter((scope) => !optional.includes(scope) || form.getAll("scope").includes(scope));
  const browser = browserOf(request) ?? drawToken();
  const begun = await beginAtProvider(parts, session, connection, { scopes, browser });
  if (typeof begun === "string") return await conclude(parts, session, begun, reply);
  reply.header("set-cookie", cookieOf(parts, browser));
  return await sendPage(reply, leavingPage(connector, begun.url));
}

async function comeBack(parts: ConnectParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const back = await takeWayBack(parts, `${parts.publicUrl()}${request.url}`, browserOf(request));
  if (back === undefined) return await sendPage(reply, goneLink);
  return await conclude(parts, back.session, back.end, reply);
}

/** Every way ends at the link: loading that again does nothing again. */
async function conclude(parts: ConnectParts, session: Session, end: Completion, reply: FastifyReply): Promise<FastifyReply> {
  if (end !== "connected" && end !== "asked") await setNotice(parts.db, session.row, end);
  return reply.redirect(`/connect/${session.details.token}`, 303);
}

function browserOf({ headers: { cookie = "" } }: FastifyRequest): string | undefined {
  const found = cookie.split(";").flatMap((pair) => pair.trim().split(`${cookieName}=`)[1] ?? []);
  return found.find((value) => token.test(value));
}

/** Lax, because the way back from the provider begins at another site. */
function cookieOf({ publicUrl }: ConnectParts, browser: string): string {
  const secure = publicUrl().startsWith("https:") ? "; Secure" : "";
  return `${cookieName}=${browser}; Path=/connect; Max-Age=3600; HttpOnly; SameSite=Lax${secure}`;
}
