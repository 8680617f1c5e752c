import { describe, suggest } from "../definition/refuse.ts";
import type { Refuse } from "../definition/refuse.ts";
import { credentialForm, fieldsOf, halvesOf, textsOf } from "./fields.ts";
import type { ApiKey, Auth, JwtBearer, Session, TokenAuth } from "./kinds.ts";
import { obtainsToken } from "./kinds.ts";
import type { OAuth2 } from "../connector/oauth2.ts";
import { placeholdersOf } from "../connector/placeholders.ts";
import { fieldsIn } from "./template.ts";

/** What the fields of an auth say about each other, and about the base URL. Its shape has been checked. */
export function checkAuth({ auth, baseUrl }: { readonly auth: Auth; readonly baseUrl: string }, refuse: Refuse): void {
  switch (auth.kind) {
    case "apiKey":
      checkApiKey(auth, refuse);
      break;
    case "basic":
      checkPlaceholder("auth.username", Object.values(halvesOf(auth)), "username or password", refuse);
      break;
    case "headers":
      checkPlaceholder("auth.headers", Object.values(auth.headers), "one of the headers", refuse);
      break;
    case "oauth2":
      checkOAuth2(auth, refuse);
      break;
    case "jwtBearer":
      checkJwtBearer(auth, refuse);
      break;
    case "session":
      checkSession(auth, refuse);
      break;
    case "bearer":
      break;
  }
  if (obtainsToken(auth)) {
    checkSending(auth, refuse);
    checkPlaceholders(auth, placeholdersOf(baseUrl), refuse);
  }
  checkFields(auth, refuse);
}

function checkApiKey({ header, prefix, query }: ApiKey, refuse: Refuse): void {
  if (header === undefined && query === undefined)
    refuse("auth.header", "nothing", "Name the header that carries the key, or the query parameter in auth.query.");
  if (header !== undefined && query !== undefined)
    refuse("auth.query", describe(query), "The key goes into one place: leave out header or query.");
  if (prefix !== undefined && header === undefined) refuse("auth.prefix", describe(prefix), "Only a header has one; leave it out.");
}

/** A text without a field would send the same for everybody. */
function checkPlaceholder(field: string, texts: readonly string[], where: string, refuse: Refuse): void {
  if (fieldsIn(...texts).length === 0)
    refuse(field, "no field of the credential", `Name at least one in braces in ${where}, such as {apiKey}.`);
}

function checkOAuth2(auth: OAuth2, refuse: Refuse): void {
  const { grants, issuer, tokenUrl, scopes = [], optionalScopes = [] } = auth;
  if (tokenUrl === undefined && issuer === undefined)
    refuse("auth.tokenUrl", "nothing", "Say where tokens are given out, or name the issuer, which tells it.");
  if (grants.length === 0) refuse("auth.grants", "an empty list", "Name at least one grant: authorization_code or client_credentials.");
  if (grants.includes("authorization_code") && auth.authorizationUrl === undefined && issuer === undefined)
    refuse("auth.authorizationUrl", "nothing", "The grant authorization_code needs it: where users are sent to agree.");
  if (auth.refreshToken !== undefined && !grants.includes("refresh_token"))
    refuse("auth.refreshToken", "a refresh token", "None of the grants is refresh_token: add it, or leave this out.");
  if (auth.clientAuthentication === "none" && auth.pkce === "refused")
    refuse("auth.pkce", '"refused"', "Without it a public client proves itself by nothing; it needs PKCE.");
  if (auth.clientAuthentication === "none" && grants.includes("client_credentials"))
    refuse(
      "auth.clientAuthentication",
      '"none"',
      "The grant client_credentials is for clients that prove who they are: basic, body or signed.",
    );
  const stranger = optionalScopes.find((scope) => !scopes.includes(scope));
  if (stranger !== undefined) refuse("auth.optionalScopes", describe(stranger), "It must be one of auth.scopes.");
  const split = scopes.find((scope) => scope.includes(auth.scopeSeparator ?? " "));
  if (split !== undefined) refuse("auth.scopes", describe(split), "It has the separator of scopes in it: write each by itself.");
  for (const [member, taken] of [
    ["authorizationParameters", ["response_type", "redirect_uri", "state", "code_challenge", "client_secret"]],
    ["tokenParameters", ["grant_type", "code", "refresh_token", "redirect_uri", "code_verifier", "client_secret"]],
  ] as const) {
    const own = Object.keys(auth[member] ?? {}).find((name) => taken.some((one) => one === name));
    if (own !== undefined) refuse(`auth.${member}.${own}`, "a parameter that Belay sets", "Leave it out.");
  }
}

function checkJwtBearer({ assertion, algorithm, scopesIn }: JwtBearer, refuse: Refuse): void {
  if (assertion !== "saml") return;
  if (algorithm !== undefined) refuse("auth.algorithm", describe(algorithm), "A SAML assertion comes signed; leave it out.");
  if (scopesIn === "claim") refuse("auth.scopesIn", '"claim"', 'A SAML assertion is as it is: ask for scopes by "parameter".');
}

function checkSession(auth: Session, refuse: Refuse): void {
  checkPlaceholder("auth.login", textsOf(auth), "what is sent", refuse);
  if (auth.method === "GET" && auth.login.body !== undefined)
    refuse("auth.login.body", "a body", "A GET has none: put it into query or headers, or change auth.method.");
  const { tokenIn, answer } = auth;
  if (tokenIn !== undefined && Object.keys(tokenIn).length !== 1)
    refuse("auth.tokenIn", "not one place", "Name one header or one cookie; a token in the body is at answer.accessToken.");
  if (tokenIn !== undefined && answer?.accessToken !== undefined)
    refuse("auth.answer.accessToken", describe(answer.accessToken), "The token is in auth.tokenIn already; leave one of them out.");
  if (tokenIn === undefined && answer?.accessToken === undefined)
    refuse("auth.answer.accessToken", "nothing", "Say where the answer holds the token, such as data.token, or name auth.tokenIn.");
}

/** A connection has settings for the placeholders of the base URL, and for no others. */
function checkPlaceholders(auth: TokenAuth, known: readonly string[], refuse: Refuse): void {
  const urls = { tokenUrl: auth.tokenUrl, ...(auth.kind === "oauth2" && pickUrls(auth)) };
  for (const [member, url] of Object.entries(urls)) {
    const stranger = placeholdersOf(url ?? "").find((name) => !known.includes(name));
    if (stranger !== undefined)
      refuse(`auth.${member}`, `{${stranger}}`, `The base URL has no such placeholder. ${suggest(stranger, known)}`);
  }
}

function pickUrls({ issuer, authorizationUrl, pushedAuthorizationUrl, revocationUrl }: OAuth2) {
  return { issuer, authorizationUrl, pushedAuthorizationUrl, revocationUrl };
}

function checkSending({ sends }: TokenAuth, refuse: Refuse): void {
  if (sends !== undefined && "header" in sends === "query" in sends)
    refuse("auth.sends", "not one place", 'Name one: { header: "X-Token" } or { query: "access_token" }.');
}

function checkFields(auth: Auth, refuse: Refuse): void {
  const form = credentialForm(auth).map(({ name }) => name);
  const known = form.length > 0 ? form : fieldsOf(auth).known;
  for (const [name, { pattern }] of Object.entries(auth.fields ?? {})) {
    if (!known.includes(name)) refuse(`auth.fields.${name}`, "a field that the credential does not have", suggest(name, known));
    if (pattern !== undefined && !isPattern(pattern))
      refuse(`auth.fields.${name}.pattern`, describe(pattern), "It is no regular expression; mind brackets and backslashes.");
  }
}

function isPattern(text: string): boolean {
  try {
    // The flag is that of the form's `pattern` in a browser.
    return new RegExp(text, "v").source !== "";
  } catch {
    return false; // what the constructor throws says only that
  }
}
