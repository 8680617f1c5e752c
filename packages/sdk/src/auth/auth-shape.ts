import { choice, duration, flag, list, named, number, object, shortOr, text, variants } from "../definition/shape.ts";
import type { Shape } from "../definition/shape.ts";
import type { DeclaredField } from "./fields.ts";
import type { TokenAnswer, TokenErrorRow, TokenFailure, TokenRefusals } from "./token-answer.ts";

const someText = text("Give a text.");
const anyText: Shape = (value, field, refuse) => {
  if (value !== "") someText(value, field, refuse);
};
const path = text("Give a dotted path into the answer, such as authed_user.access_token.");
const url = text("Start with https:// or with a slash.", /^(https?:\/\/[^/]+)?\//);
const texts = (what: string): Shape => named(anyText, what);
const scopes = list(someText, "scopes");

const fields = named(
  object<DeclaredField>({
    "label?": someText,
    "help?": someText,
    "pattern?": text("Give the text of a regular expression."),
    "secret?": flag,
  }),
  "what a form shows, by the credential's fields",
);

const meanings: Readonly<Record<TokenFailure, true>> = {
  grantRevoked: true,
  grantReused: true,
  accountGone: true,
  clientRefused: true,
  credentialRefused: true,
  scopeRefused: true,
  consentDenied: true,
  requestRefused: true,
  rateLimited: true,
  unavailable: true,
};

/** Which of two places is meant is checked where both are known: see check-auth.ts. */
const sending = object({ "header?": someText, "prefix?": someText, "query?": someText });

const obtaining = {
  accessTokenLifetime: duration,
  "lifetimeFrom?": choice("answer", "declared"),
  "answer?": object<TokenAnswer>({
    "accessToken?": path,
    "refreshToken?": path,
    "expiresIn?": path,
    "expiresAt?": path,
    "refreshExpiresIn?": path,
    "scope?": path,
  }),
  "refusals?": object<TokenRefusals>({
    "at?": shortOr(path, list(path, "paths")),
    "rows?": list(
      object<TokenErrorRow>({
        "status?": number("Give the HTTP status of the answer, 200 to 599.", 200, 599),
        "code?": someText,
        "contains?": someText,
        means: choice(...Object.keys(meanings)),
      }),
      "rows",
    ),
  }),
  "sends?": sending,
} as const;

/** Each kind of auth by itself; what its fields say about each other is checked beside it. */
export const authShape: Shape = variants("kind", {
  bearer: { "fields?": fields },
  basic: { "username?": anyText, "password?": anyText, "fields?": fields },
  apiKey: { "header?": someText, "prefix?": someText, "query?": someText, "fields?": fields },
  headers: { headers: texts("headers"), "fields?": fields },
  oauth2: {
    "issuer?": text("Start with https://.", /^https?:\/\/[^/]/),
    "tokenUrl?": url,
    "authorizationUrl?": url,
    "pushedAuthorizationUrl?": url,
    "revocationUrl?": url,
    grants: list(choice("authorization_code", "refresh_token", "client_credentials"), "grants"),
    "scopes?": scopes,
    "optionalScopes?": scopes,
    "scopeSeparator?": someText,
    "scopeParameter?": someText,
    ...obtaining,
    "refreshToken?": object({ rotates: flag, "lifetime?": duration, "idle?": duration }),
    clientAuthentication: choice("basic", "body", "signed", "none"),
    "clientIdParameter?": someText,
    "pkce?": choice(true, false, "refused"),
    "tokenBody?": choice("form", "json"),
    "authorizationParameters?": texts("parameters"),
    "tokenParameters?": texts("parameters"),
    "account?": object({ "id?": path, "name?": path }),
    "fields?": fields,
  },
  jwtBearer: {
    tokenUrl: url,
    assertion: choice("serviceAccount", "privateKey", "saml"),
    "algorithm?": choice("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"),
    "audience?": someText,
    "subject?": choice("client"),
    "claims?": texts("claims"),
    "scopesIn?": choice("claim", "parameter"),
    "scopes?": scopes,
    "scopeSeparator?": someText,
    "tokenParameters?": texts("parameters"),
    ...obtaining,
    "fields?": fields,
  },
  session: {
    tokenUrl: url,
    "method?": choice("GET", "POST", "PUT"),
    login: object({
      "headers?": texts("headers"),
      "basic?": object({ username: anyText, password: anyText }),
      "body?": texts("members"),
      "query?": texts("parameters"),
    }),
    "headers?": texts("headers"),
    "tokenBody?": choice("form", "json"),
    "tokenIn?": object({ "header?": someText, "cookie?": someText }),
    ...obtaining,
    "fields?": fields,
  },
});
