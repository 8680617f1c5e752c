import type { JwtBearer, Secret } from "@belay/sdk";
import { makeAssertion } from "./make-assertion.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { logIn } from "./log-in.ts";
import { oauthError } from "./oauth-error.ts";
import type { TokenOutcome } from "./outcome.ts";
import type { TokenParts } from "./parts.ts";
import { requestToken } from "./request-token.ts";
import { sendRequest } from "./send-request.ts";

/**
 * Obtains a token for what needs no user at run time: client credentials, a signed assertion, a login. Safe to call again at any time: the
 * fields of the credential stay as they are, and are not among those of the grant.
 *
 * @param fields The credential, as `fieldsOf(auth)` names its fields.
 * @throws `OAUTH_FIELD_INVALID` naming a field that is missing or not as it must be.
 */
export async function obtainGrant(parts: TokenParts, fields: Readonly<Record<string, Secret>>): Promise<TokenOutcome> {
  const { auth } = parts;
  switch (auth.kind) {
    case "oauth2": {
      const { clientId, clientSecret } = fields;
      const own = clientId && { id: clientId.reveal(), secrets: clientSecret === undefined ? [] : [clientSecret] };
      const client = own ?? parts.client;
      if (client === undefined)
        throw oauthError("OAUTH_FIELD_INVALID", "credential.clientId: is missing.", { details: { field: "clientId" } });
      const scope = (auth.scopes ?? []).join(auth.scopeSeparator ?? " ");
      const outcome = await requestToken({ ...parts, auth, client }, "client_credentials", scope === "" ? {} : { scope });
      // The tenant has given this client, so it is theirs to correct.
      const theirs = own !== undefined && outcome.kind === "refused" && outcome.code === "OAUTH_CLIENT_REFUSED";
      return theirs ? { ...outcome, code: "OAUTH_CREDENTIAL_REFUSED" } : outcome;
    }
    case "jwtBearer":
      return await showAssertion({ ...parts, auth }, fields);
    case "session":
      return await logIn({ ...parts, auth }, fields);
  }
}

/** @see RFC 7521, section 4.1 */
async function showAssertion(parts: TokenParts<JwtBearer>, fields: Readonly<Record<string, Secret>>): Promise<TokenOutcome> {
  const { auth, clock } = parts;
  const kind = auth.assertion === "saml" ? "saml2" : "jwt";
  const scopesIn = auth.scopesIn ?? (auth.assertion === "serviceAccount" ? "claim" : "parameter");
  const scope = scopesIn === "parameter" ? (auth.scopes ?? []).join(auth.scopeSeparator ?? " ") : "";
  const form = new URLSearchParams({
    ...auth.tokenParameters,
    grant_type: `urn:ietf:params:oauth:grant-type:${kind}-bearer`,
    assertion: await makeAssertion(auth, fields, clock.now()),
    ...(scope !== "" && { scope }),
  });
  const sent = await sendRequest(parts, {
    method: "POST",
    url: new URL(auth.tokenUrl),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
  return "lost" in sent ? sent.lost : judgeAnswer(auth, sent.answer, clock.now());
}
