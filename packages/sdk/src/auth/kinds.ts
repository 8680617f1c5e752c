import type { OAuth2 } from "../connector/oauth2.ts";
import type { DeclaredFields } from "./fields.ts";
import type { ObtainsToken } from "./token-answer.ts";

/** What all kinds say whose fields a person fills in. */
interface Filled {
  /** What a form shows at each field, by name. Default: a label made of the name. */
  readonly fields?: DeclaredFields;
}

/** `Authorization: Bearer <token>`; credential `{ token }`. @see RFC 6750 */
export interface Bearer extends Filled {
  readonly kind: "bearer";
}

/** A header, or a query parameter, of the provider's own naming; credential `{ apiKey }`. One of `header` and `query` is needed. */
export interface ApiKey extends Filled {
  readonly kind: "apiKey";
  readonly header?: string;
  /** Before the key, in a header: `Token `. Default: nothing. */
  readonly prefix?: string;
  readonly query?: string;
}

/**
 * HTTP basic; credential `{ username, password }`. Either half may be another text, with the credential's fields in braces: a key and a
 * fixed half, `{ username: "{apiKey}", password: "x" }`, or `{ username: "{email}/token", password: "{apiToken}" }`; the credential
 * then has those fields.
 *
 * @see RFC 7617
 */
export interface Basic extends Filled {
  readonly kind: "basic";
  /** Default `{username}`. */
  readonly username?: string;
  /** Default `{password}`. */
  readonly password?: string;
}

/** Several headers, each a text with the credential's fields in braces: `{ "X-Auth-Email": "{email}", "X-Auth-Key": "{apiKey}" }`. */
export interface CustomHeaders extends Filled {
  readonly kind: "headers";
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * An access token for a signed statement of who asks, without a user's consent at run time. Credential, by `assertion`:
 *
 * - `serviceAccount`: the JSON file that the provider gives, `{ serviceAccount }`, and whom to act for, `{ subject }`, if need be.
 * - `privateKey`: `{ clientId, privateKey }`, the key in PEM, and `{ keyId }` and `{ subject }` if need be.
 * - `saml`: an assertion that somebody else has signed, `{ assertion }`.
 *
 * The token is the credential's `accessToken`.
 *
 * @see RFC 7521, RFC 7523 (JWT), RFC 7522 (SAML)
 */
export interface JwtBearer extends ObtainsToken, Filled {
  readonly kind: "jwtBearer";
  /** URL with the base URL's placeholders if need be, or a path below it. What a service account's file says of it is not believed. */
  readonly tokenUrl: string;
  readonly assertion: "serviceAccount" | "privateKey" | "saml";
  /** Default `RS256`. */
  readonly algorithm?: "RS256" | "RS384" | "RS512" | "PS256" | "ES256" | "ES384" | "EdDSA";
  /** Whom the assertion is for. Default: the token URL. */
  readonly audience?: string;
  /** Whom it speaks of where the credential has no `subject`. `client`: the client itself. Default: the claim is left out. */
  readonly subject?: "client";
  /** Further claims. */
  readonly claims?: Readonly<Record<string, string>>;
  /** Where scopes are asked for: in the assertion, as Google wants it, or in the request. Default `claim` for a service account, else `parameter`. */
  readonly scopesIn?: "claim" | "parameter";
  readonly scopes?: readonly string[];
  /** Default: a space. */
  readonly scopeSeparator?: string;
  /** Added to the token request. */
  readonly tokenParameters?: Readonly<Record<string, string>>;
}

/**
 * Two steps: the credential's fields are exchanged at an endpoint for a token, which requests then carry. The fields stand in braces in
 * what is sent; the token is the credential's `accessToken`.
 */
export interface Session extends ObtainsToken, Filled {
  readonly kind: "session";
  /** URL with the base URL's placeholders if need be, or a path below it. */
  readonly tokenUrl: string;
  /** Default `POST`. */
  readonly method?: "GET" | "POST" | "PUT";
  /** What is sent there, with the credential's fields in braces. */
  readonly login: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly basic?: { readonly username: string; readonly password: string };
    /** Members of the body; not with `GET`. */
    readonly body?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, string>>;
  };
  /** Further headers of every request, the login included, with the credential's fields in braces: what names the application. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How the body is written. Default `json`. */
  readonly tokenBody?: "form" | "json";
  /** Where the token is, if not in the answer's body at `answer.accessToken`: a header of it, or a cookie. */
  readonly tokenIn?: { readonly header: string } | { readonly cookie: string };
}

/** How a connection's credential is put on a request. The credential's fields are named by `kind`, and by the texts in braces. */
export type Auth = Bearer | ApiKey | Basic | CustomHeaders | OAuth2 | JwtBearer | Session;

/** Kinds whose token comes from an endpoint and ends: somebody has to obtain and renew it. */
export type TokenAuth = OAuth2 | JwtBearer | Session;

/** Whether a token has to be obtained, and renewed, for this auth: its credential is not what requests carry. */
export function obtainsToken(auth: Auth): auth is TokenAuth {
  return auth.kind === "oauth2" || auth.kind === "jwtBearer" || auth.kind === "session";
}
