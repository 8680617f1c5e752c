import { BelayError, isBelayError } from "@belay/sdk";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isOwnOrigin } from "./check-origin.ts";
import { type CookieJar, cookieJar } from "./cookies.ts";
import { accessErrors } from "./errors.ts";
import type { OidcAttempt, OidcSignIn } from "./oidc.ts";
import { setUpPage, signedInPage, signInPage, styleHash } from "./pages.ts";
import { pageHeaders } from "./security-headers.ts";
import { antiForgeryToken, lifeMs } from "./sessions.ts";
import { setUp, signIn, type SignInParts, signInVouched } from "./sign-in.ts";

export interface SignInRoutesParts extends SignInParts {
  readonly sessionCookie: CookieJar;
  readonly secure: boolean;
  /** Where browsers reach this server; needed for sign-in by OIDC. */
  readonly publicUrl: string | undefined;
  readonly oidc: OidcSignIn | undefined;
}

const longestBody = 8_192;
const attemptSeconds = 600;

/** Pages on which operators sign in, beside the API: `/sign-in`, `/sign-out`, `/set-up`. They have no scripts, and take forms from our own origin only. */
export function registerSignIn(server: FastifyInstance, parts: SignInRoutesParts): void {
  const attemptCookie = cookieJar("belay-attempt", parts.secure);
  const headers = pageHeaders(parts.secure, styleHash);
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const form = { parseAs: "string", bodyLimit: longestBody } as const;
    scope.addContentTypeParser("application/x-www-form-urlencoded", form, (_request, body, done) =>
      done(null, new URLSearchParams(typeof body === "string" ? body : "")),
    );
    scope.addHook("onRequest", async (request, reply) => {
      reply.headers(headers);
      if (request.method === "POST" && !isOwnOrigin(request.headers, parts.publicUrl))
        throw new BelayError("ACCESS_FORGED", "This form was not sent from a page of this server.");
    });
    /** Begins a session in the place of any before it: who knew the old cookie has nothing of the new one. */
    const welcome = async (request: FastifyRequest, reply: FastifyReply, session: string): Promise<FastifyReply> => {
      const before = parts.sessionCookie.read(request.headers.cookie);
      if (before !== undefined) await parts.sessions.end(before);
      return await reply.header("set-cookie", parts.sessionCookie.write(session, lifeMs / 1_000)).redirect("/sign-in", 303);
    };
    scope.get("/sign-in", async (request, reply) => {
      const text = parts.sessionCookie.read(request.headers.cookie);
      const principal = text === undefined ? undefined : await parts.sessions.recognize(text);
      if (text !== undefined && principal !== undefined)
        return await sendPage(reply, signedInPage({ role: principal.role, token: antiForgeryToken(text) }));
      return await sendPage(reply, signInPage({ problem: problemOf(request.query), oidc: parts.oidc !== undefined }));
    });
    scope.post("/sign-in", async (request, reply) => {
      const given = { name: field(request, "name"), password: field(request, "password") };
      return await orBack(reply, "/sign-in", async () => await welcome(request, reply, await signIn(parts, given, request.ip)));
    });
    scope.post("/sign-out", async (request, reply) => {
      const text = parts.sessionCookie.read(request.headers.cookie);
      if (text !== undefined && field(request, "token") === antiForgeryToken(text)) await parts.sessions.end(text);
      return await reply.header("set-cookie", parts.sessionCookie.write("", 0)).redirect("/sign-in", 303);
    });
    scope.get("/set-up", async (request, reply) =>
      sendPage(reply, setUpPage({ problem: problemOf(request.query), token: memberOf(request.query, "token") })),
    );
    scope.post("/set-up", async (request, reply) => {
      const given = { token: field(request, "token"), name: field(request, "name"), password: field(request, "password") };
      const back = `/set-up?token=${encodeURIComponent(given.token)}`;
      return await orBack(reply, back, async () => await welcome(request, reply, await setUp(parts, given, request.ip)));
    });
    const { oidc, publicUrl } = parts;
    if (oidc === undefined) return;
    const callbackUrl = (request: FastifyRequest): URL => new URL("/sign-in/oidc/callback", publicUrl ?? `http://${request.host}`);
    scope.get("/sign-in/oidc", async (request, reply) =>
      orBack(reply, "/sign-in", async () => {
        const { url, attempt } = await oidc.begin(callbackUrl(request).href);
        const kept = Buffer.from(JSON.stringify(attempt)).toString("base64url");
        return await reply.header("set-cookie", attemptCookie.write(kept, attemptSeconds)).redirect(url, 303);
      }),
    );
    scope.get("/sign-in/oidc/callback", async (request, reply) =>
      orBack(reply, "/sign-in", async () => {
        const attempt = readAttempt(attemptCookie.read(request.headers.cookie));
        const callback = callbackUrl(request);
        callback.search = new URL(request.url, callback).search;
        reply.header("set-cookie", attemptCookie.write("", 0));
        const vouched = await oidc.finish(callback, attempt);
        return await welcome(request, reply, await signInVouched(parts, vouched, request.ip));
      }),
    );
  });
}

/** Does the work, or goes back to a page that says what was wrong. What nobody foresaw is left to the server. */
async function orBack(reply: FastifyReply, page: string, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await work();
  } catch (error) {
    if (!isBelayError(error) || !Object.hasOwn(accessErrors, error.code)) throw error;
    if (error.cause !== undefined) reply.log.warn({ error }, "A sign-in failed.");
    return await reply.redirect(`${page}${page.includes("?") ? "&" : "?"}problem=${error.code}`, 303);
  }
}

/** Only words of ours: what stands in the query is a code, and a link from elsewhere cannot put its own text on the page. */
function problemOf(query: unknown): string | undefined {
  const code = memberOf(query, "problem");
  return Object.hasOwn(accessErrors, code) ? accessErrors[code as keyof typeof accessErrors].meaning : undefined;
}

function readAttempt(text: string | undefined): OidcAttempt {
  const lost = new BelayError("ACCESS_PROVIDER_FAILED", "The sign-in was begun elsewhere, or too long ago.");
  if (text === undefined) throw lost;
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    throw lost; // not a cookie of ours
  }
  return { state: memberOf(read, "state"), nonce: memberOf(read, "nonce"), verifier: memberOf(read, "verifier") };
}

async function sendPage(reply: FastifyReply, html: string): Promise<FastifyReply> {
  return await reply.type("text/html; charset=utf-8").send(html);
}

function field(request: FastifyRequest, name: string): string {
  return request.body instanceof URLSearchParams ? (request.body.get(name) ?? "") : "";
}

function memberOf(value: unknown, name: string): string {
  const member: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof member === "string" ? member : "";
}
