import type { Secret } from "@belay/sdk";
import * as oauth from "oauth4webapi";
import type { RevokeOutcome } from "./outcome.ts";
import type { OAuthParts } from "./parts.ts";
import { clientOf, composeAndSend, proofsOf, serverOf } from "./request-token.ts";

/**
 * Gives a grant back. The refresh token is shown, which ends all that came of it, or else the access token. Calling twice is safe: a token
 * that is not known counts as revoked.
 *
 * @see RFC 7009, section 2
 */
export async function revokeGrant(parts: OAuthParts, fields: Readonly<Record<string, Secret>>): Promise<RevokeOutcome> {
  const { auth } = parts;
  if (auth.revocationUrl === undefined) return { kind: "unsupported" };
  const kind = fields["refreshToken"] === undefined ? "accessToken" : "refreshToken";
  const token = fields[kind];
  if (token === undefined) return { kind: "revoked" };
  const hint = { token_type_hint: kind === "refreshToken" ? "refresh_token" : "access_token" };
  let detail = "The client has no secret to prove itself by.";
  for (const prove of proofsOf(parts)) {
    const sent = await composeAndSend(parts, "revocationUrl", (options) =>
      oauth.revocationRequest(serverOf(auth), clientOf(parts), prove, token.reveal(), { ...options, additionalParameters: hint }),
    );
    if ("lost" in sent) return { kind: "failed", detail: sent.lost.detail };
    if (sent.answer.status < 300) return { kind: "revoked" };
    detail = `The revocation endpoint answered ${sent.answer.status}.`;
    if (sent.answer.status !== 401) break;
  }
  return { kind: "failed", detail };
}
