import { httpError } from "../http/errors.ts";
import type { Credential } from "./credentials.ts";
import { halvesOf } from "./fields.ts";
import type { Auth } from "./kinds.ts";
import { asBearer } from "./sending.ts";
import type { Sending } from "./sending.ts";
import { fill } from "./template.ts";

/** What proves who we are: put on each attempt, and on nothing that is kept. */
export interface Authorization {
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Query parameters, not encoded. */
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Works out what a request has to carry.
 *
 * @throws `HTTP_CREDENTIAL_MISSING` naming the field that the credential lacks.
 */
export function authorize(auth: Auth, credential: Credential): Authorization {
  const valueOf = (field: string): string => reveal(credential, field);
  switch (auth.kind) {
    case "bearer":
      return send(asBearer, valueOf("token"));
    case "oauth2":
    case "jwtBearer":
      return send(auth.sends ?? asBearer, valueOf("accessToken"));
    case "session": {
      const { headers, query } = send(auth.sends ?? asBearer, valueOf("accessToken"));
      return { headers: { ...fillHeaders(auth.headers ?? {}, valueOf), ...headers }, query };
    }
    case "apiKey": {
      const { header, prefix = "", query } = auth;
      return send(header === undefined ? { query: query ?? "" } : { header, prefix }, valueOf("apiKey"));
    }
    case "basic": {
      const { username, password } = halvesOf(auth);
      return headersOnly({ authorization: basicHeader(fill(username, valueOf), fill(password, valueOf)) });
    }
    case "headers":
      return headersOnly(fillHeaders(auth.headers, valueOf));
  }
}

/** Names in lower case. */
function fillHeaders(texts: Readonly<Record<string, string>>, valueOf: (field: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name.toLowerCase(), fill(text, valueOf)]));
}

/** @see RFC 7617 */
function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function send(sending: Sending, value: string): Authorization {
  if ("query" in sending) return { headers: {}, query: { [sending.query]: value } };
  return headersOnly({ [sending.header.toLowerCase()]: `${sending.prefix ?? ""}${value}` });
}

function headersOnly(headers: Readonly<Record<string, string>>): Authorization {
  return { headers, query: {} };
}

function reveal(credential: Credential, field: string): string {
  const secret = credential[field];
  if (secret === undefined) {
    throw httpError("HTTP_CREDENTIAL_MISSING", `The connection's credential lacks "${field}", which the connector's auth needs.`, {
      details: { field },
    });
  }
  return secret.reveal();
}
