import type { OAuth2 } from "@belay/sdk";
import * as oauth from "oauth4webapi";
import { byKey } from "./by-key.ts";
import { judgeAnswer } from "./judge-answer.ts";
import type { TokenOutcome } from "./outcome.ts";
import type { OAuthParts } from "./parts.ts";
import { sendRequest } from "./send-request.ts";
import type { Sent } from "./send-request.ts";
import { endpointOf } from "./endpoints.ts";
import type { Endpoint } from "./endpoints.ts";

/**
 * Asks the token endpoint. A client whose first secret is refused tries the next: a refused client has used nothing up, so this is safe for
 * tokens that are good for one use.
 */
export async function requestToken(
  parts: OAuthParts,
  grantType: string,
  parameters: Readonly<Record<string, string>>,
): Promise<TokenOutcome> {
  const { auth } = parts;
  const form = { ...auth.tokenParameters, ...parameters };
  let outcome: TokenOutcome | undefined;
  for (const prove of proofsOf(parts)) {
    const sent = await composeAndSend(parts, "tokenUrl", (options) =>
      oauth.genericTokenEndpointRequest(serverOf(auth), clientOf(parts), prove, grantType, form, options),
    );
    outcome = "lost" in sent ? sent.lost : judgeAnswer(auth, sent.answer, parts.clock.now());
    if (outcome.kind !== "refused" || outcome.code !== "OAUTH_CLIENT_REFUSED") return outcome;
  }
  return outcome ?? { kind: "refused", code: "OAUTH_CLIENT_REFUSED", detail: "The client has no secret to prove itself by." };
}

/**
 * The provider as the library knows it while it composes. It takes no address but https and cannot know what a connection may reach, so it is
 * given none: where a request goes is `endpointOf`'s to say, and whether it may is the dispatcher's.
 */
export function serverOf({ issuer }: OAuth2): oauth.AuthorizationServer {
  const url = "https://provider.invalid/";
  return { issuer: issuer ?? url, token_endpoint: url, pushed_authorization_request_endpoint: url, revocation_endpoint: url };
}

export function clientOf({ client }: OAuthParts): oauth.Client {
  return { client_id: client.id };
}

/** How the client proves itself, with each of its secrets. */
export function proofsOf({ auth, client, clock }: OAuthParts): readonly oauth.ClientAuth[] {
  switch (auth.clientAuthentication) {
    case "none":
      return [oauth.None()];
    case "basic":
      return client.secrets.map((secret) => byBasic(secret.reveal()));
    case "body":
      return client.secrets.map((secret) => oauth.ClientSecretPost(secret.reveal()));
    case "signed":
      return client.secrets.map((secret) => byKey(secret, auth.issuer ?? endpointOf(auth, "tokenUrl"), clock));
  }
}

/**
 * HTTP basic with both halves encoded as forms are. The library encodes dashes and dots too, which is allowed and is read wrongly by providers
 * that do not decode at all: ids of clients are full of them.
 *
 * @see RFC 6749, section 2.3.1
 */
function byBasic(secret: string): oauth.ClientAuth {
  const encoded = (text: string): string => new URLSearchParams({ text }).toString().slice("text=".length);
  return (_server, client, _form, headers) => {
    const pair = `${encoded(client.client_id)}:${encoded(secret)}`;
    headers.set("authorization", `Basic ${Buffer.from(pair, "utf8").toString("base64")}`);
  };
}

type ComposeOptions = Pick<oauth.TokenEndpointRequestOptions, typeof oauth.customFetch>;

/**
 * Lets the library compose a request and sends it by our own ways. What came of it is kept aside: the library's reading of answers refuses
 * half of those that real providers give.
 */
export async function composeAndSend(
  parts: OAuthParts,
  endpoint: Endpoint,
  compose: (options: ComposeOptions) => Promise<Response>,
): Promise<Sent> {
  const url = new URL(endpointOf(parts.auth, endpoint));
  let sent: Sent | undefined;
  await compose({
    [oauth.customFetch]: async (_url, { headers, body }) => {
      sent = await sendRequest(parts, { method: "POST", url, ...written(parts.auth, headers, body) });
      return new Response();
    },
  });
  if (sent === undefined) throw new TypeError("The library composed no request.");
  return sent;
}

/** The form as this provider wants it. */
function written(
  { tokenBody, clientIdParameter }: OAuth2,
  headers: Record<string, string>,
  form: URLSearchParams,
): { headers: Record<string, string>; body: string } {
  const members = Object.fromEntries(
    [...form].map(([name, value]) => [name === "client_id" && clientIdParameter !== undefined ? clientIdParameter : name, value]),
  );
  if (tokenBody !== "json") return { headers, body: new URLSearchParams(members).toString() };
  return { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(members) };
}
