import { fill } from "@belay/sdk";
import type { Secret, Session } from "@belay/sdk";
import { judgeAnswer } from "./judge-answer.ts";
import { oauthError } from "./oauth-error.ts";
import type { TokenOutcome } from "./outcome.ts";
import type { TokenParts } from "./parts.ts";
import { sendRequest } from "./send-request.ts";
import type { ProviderRequest } from "./send-request.ts";

/** Exchanges the credential's fields for a session's token. */
export async function logIn(parts: TokenParts<Session>, fields: Readonly<Record<string, Secret>>): Promise<TokenOutcome> {
  const sent = await sendRequest(parts, requestOf(parts.auth, fields));
  return "lost" in sent ? sent.lost : judgeAnswer(parts.auth, sent.answer, parts.clock.now());
}

function requestOf(
  { tokenUrl, method = "POST", login, headers: always, tokenBody }: Session,
  fields: Readonly<Record<string, Secret>>,
): ProviderRequest {
  const valueOf = (name: string): string => {
    const secret = fields[name];
    if (secret === undefined) throw oauthError("OAUTH_FIELD_INVALID", `credential.${name}: is missing.`, { details: { field: name } });
    return secret.reveal();
  };
  const filled = (texts: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text, valueOf)]));
  const url = new URL(tokenUrl);
  for (const [name, value] of Object.entries(filled(login.query))) url.searchParams.set(name, value);
  const pair = login.basic && `${fill(login.basic.username, valueOf)}:${fill(login.basic.password, valueOf)}`;
  const headers = {
    ...filled(always),
    ...filled(login.headers),
    ...(pair !== undefined && { authorization: `Basic ${Buffer.from(pair, "utf8").toString("base64")}` }),
  };
  if (login.body === undefined) return { method, url, headers };
  const members = filled(login.body);
  return tokenBody === "form"
    ? {
        method,
        url,
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams(members).toString(),
      }
    : { method, url, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(members) };
}
