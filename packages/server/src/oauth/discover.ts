import type { OAuth2 } from "@belay/sdk";
import { oauthError } from "./oauth-error.ts";
import type { TokenParts } from "./parts.ts";
import { readBody, textAt } from "./read-answer.ts";
import { sendRequest } from "./send-request.ts";

export type Discovered = Pick<OAuth2, "tokenUrl" | "authorizationUrl" | "pushedAuthorizationUrl" | "revocationUrl">;

/**
 * What an issuer tells of its endpoints. Both places are looked at, as it is not known which of the two specifications it follows.
 *
 * @throws `OAUTH_DISCOVERY_FAILED` where neither tells, or where another issuer speaks.
 * @see RFC 8414, section 3; OpenID Connect Discovery 1.0, section 4
 */
export async function discover(issuer: string, parts: Omit<TokenParts, "auth">): Promise<Discovered> {
  let found = "nothing";
  for (const url of placesOf(issuer)) {
    const sent = await sendRequest(parts, { method: "GET", url, headers: {} });
    if ("lost" in sent) {
      found = sent.lost.detail;
      continue;
    }
    const body = sent.answer.status === 200 ? readBody(sent.answer) : undefined;
    found = `${url.pathname} answered ${sent.answer.status}${sent.answer.status === 200 && body === undefined ? " without JSON" : ""}.`;
    if (body === undefined) continue;
    // Who speaks for another issuer could have users, and codes, sent to an endpoint of its own. @see RFC 8414, section 3.3
    const speaker = textAt(body, "issuer")?.replace(/\/$/, "");
    if (speaker !== issuer.replace(/\/$/, "")) throw failed(issuer, "Another issuer speaks there.");
    return endpointsIn(issuer, body);
  }
  throw failed(issuer, found);
}

function placesOf(issuer: string): readonly URL[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const inserted = ["oauth-authorization-server", "openid-configuration"].map((name) => `${origin}/.well-known/${name}${path}`);
  const appended = `${origin}${path}/.well-known/openid-configuration`;
  return [...new Set([...inserted, appended])].map((url) => new URL(url));
}

function endpointsIn(issuer: string, body: Readonly<Record<string, unknown>>): Discovered {
  const secure = new URL(issuer).protocol === "https:";
  const named = {
    tokenUrl: "token_endpoint",
    authorizationUrl: "authorization_endpoint",
    pushedAuthorizationUrl: "pushed_authorization_request_endpoint",
    revocationUrl: "revocation_endpoint",
  } as const;
  const told = Object.entries(named).flatMap(([member, name]) => {
    const url = textAt(body, name);
    if (url === undefined) return [];
    if (!URL.canParse(url) || (secure && new URL(url).protocol !== "https:")) throw failed(issuer, `Its ${name} is no address of https.`);
    return [[member, url] as const];
  });
  return Object.fromEntries(told);
}

function failed(issuer: string, found: string): Error {
  return oauthError("OAUTH_DISCOVERY_FAILED", `auth.issuer: ${new URL(issuer).host} does not tell its endpoints. ${found}`);
}
