import type { Auth } from "../connector/types.ts";
import { httpError } from "../http/errors.ts";
import type { Credential } from "./credentials.ts";

export interface AuthorizationHeader {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

/**
 * The header that proves who we are.
 *
 * @throws `HTTP_CREDENTIAL_MISSING` naming the field that the credential lacks.
 */
export function authorize(auth: Auth, credential: Credential): AuthorizationHeader {
  switch (auth.kind) {
    case "bearer":
      return { name: "authorization", value: `Bearer ${reveal(credential, "token")}` };
    case "oauth2":
      return { name: "authorization", value: `Bearer ${reveal(credential, "accessToken")}` };
    case "apiKey":
      return { name: auth.header.toLowerCase(), value: `${auth.prefix ?? ""}${reveal(credential, "apiKey")}` };
    case "basic": {
      const pair = `${reveal(credential, "username")}:${reveal(credential, "password")}`;
      return { name: "authorization", value: `Basic ${Buffer.from(pair, "utf8").toString("base64")}` };
    }
  }
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
