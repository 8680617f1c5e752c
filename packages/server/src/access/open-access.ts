import { BelayError } from "@belay/sdk";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AuditLog } from "../audit/index.ts";
import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { listAdminTokens, recognizeAdminToken } from "./admin-token.ts";
import { isOwnOrigin } from "./check-origin.ts";
import { cookieJar } from "./cookies.ts";
import type { Authenticate } from "./guard-routes.ts";
import { openKeyBook } from "./key-book.ts";
import { type OidcOptions, openOidc } from "./oidc.ts";
import { apiHeaders } from "./security-headers.ts";
import { antiForgeryToken, openSessions } from "./sessions.ts";
import { type NameCipher, needsSetUp, setUpToken } from "./sign-in.ts";
import { registerSignIn } from "./sign-in-routes.ts";

export interface AccessParts {
  readonly db: Db;
  readonly audit: AuditLog;
  readonly cipher: NameCipher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The first way in; several while it is rotated. */
  readonly adminToken: string | readonly string[];
  /** Where browsers reach this server. Default: at whatever host they name. */
  readonly publicUrl?: string | undefined;
  /** Whether browsers reach it over TLS, so that cookies are sent over nothing else. */
  readonly secure: boolean;
  readonly oidc?: OidcOptions | undefined;
}

/** Who may in, and what is remembered of it. */
export interface Access {
  readonly audit: AuditLog;
  readonly authenticate: Authenticate;
  /** Of every answer of the API. */
  readonly headers: Readonly<Record<string, string>>;
  /** Forgets an API key that was changed here. */
  readonly forgetKey: (id: string) => void;
  /** What a page has to send as `X-Anti-Forgery`; `undefined` for whoever comes without a cookie. */
  readonly antiForgeryOf: (request: FastifyRequest) => string | undefined;
  /** Ends the session that a request came with. @returns the header that takes the cookie away; `undefined` when there was none. */
  readonly signOut: (request: FastifyRequest) => Promise<string | undefined>;
  /** Adds the pages on which operators sign in. */
  readonly registerPages: (server: FastifyInstance) => void;
  /** Where the first administrator is made, below the server's URL; `undefined` once there is an operator. */
  readonly setUpPath: () => Promise<string | undefined>;
}

const scheme = "Bearer ";
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** Opens what recognizes principals: the admin token, API keys, and the sessions of operators. */
export function openAccess(parts: AccessParts): Access {
  const { db, audit, publicUrl, secure } = parts;
  const adminTokens = listAdminTokens(parts.adminToken);
  const recognize = recognizeAdminToken(adminTokens);
  const keys = openKeyBook(parts);
  const sessions = openSessions(parts);
  const sessionCookie = cookieJar("belay", secure);
  const cookieOf = ({ headers }: FastifyRequest): string | undefined =>
    headers.authorization === undefined ? sessionCookie.read(headers.cookie) : undefined;
  return {
    audit,
    headers: apiHeaders(secure),
    authenticate: (request) => {
      const { authorization } = request.headers;
      if (authorization !== undefined) {
        const key = authorization.startsWith(scheme) ? keys.recognize(authorization.slice(scheme.length)) : undefined;
        return key ?? recognize(authorization);
      }
      const text = cookieOf(request);
      if (text === undefined) return undefined;
      if (!safeMethods.has(request.method)) refuseForgery(request, text, publicUrl);
      return sessions.recognize(text);
    },
    forgetKey: keys.forget,
    antiForgeryOf: (request) => {
      const text = cookieOf(request);
      return text === undefined ? undefined : antiForgeryToken(text);
    },
    signOut: async (request) => {
      const text = cookieOf(request);
      if (text === undefined) return undefined;
      await sessions.end(text);
      return sessionCookie.write("", 0);
    },
    registerPages: (server) =>
      registerSignIn(server, { ...parts, adminTokens, sessions, sessionCookie, publicUrl, oidc: parts.oidc && openOidc(parts.oidc) }),
    setUpPath: async () => {
      const [first] = adminTokens;
      return first !== undefined && (await needsSetUp(db)) ? `/set-up?token=${setUpToken(first)}` : undefined;
    },
  };
}

/** A browser sends a cookie along whoever makes it do so: only our own pages know the token. @throws `ACCESS_FORGED`. */
function refuseForgery({ headers }: FastifyRequest, text: string, publicUrl: string | undefined): void {
  if (isOwnOrigin(headers, publicUrl) && headers["x-anti-forgery"] === antiForgeryToken(text)) return;
  throw new BelayError("ACCESS_FORGED", "Send the token that GET /v1/session gives as X-Anti-Forgery, from a page of this server.");
}
