import { createPrivateKey, randomUUID } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Secret } from "@belay/sdk";
import type { Clock } from "@belay/sdk/http";
import { SignJWT } from "jose";
import type { ClientAuth } from "oauth4webapi";
import { oauthError } from "./oauth-error.ts";
import { readPem } from "./read-pem.ts";

/** It is made for one request; long enough for clocks that differ. */
const lifetimeSeconds = 120;
const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: string;
  readonly keyId: string | undefined;
}

/**
 * Proves the client by a statement that its private key has signed, new for each request.
 *
 * @param audience The provider's issuer, or its token endpoint where none is known.
 * @throws `OAUTH_FIELD_INVALID` when the secret is no private key.
 * @see RFC 7523, sections 2.2 and 3
 */
export function byKey(secret: Secret, audience: string, clock: Clock): ClientAuth {
  const { key, algorithm, keyId } = readKey(secret.reveal());
  return async (_server, { client_id: client }, form) => {
    const seconds = Math.floor(clock.now() / 1_000);
    const statement = new SignJWT({})
      .setProtectedHeader({ alg: algorithm, typ: "JWT", ...(keyId !== undefined && { kid: keyId }) })
      .setIssuer(client)
      .setSubject(client)
      .setAudience(audience)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + lifetimeSeconds)
      .setJti(randomUUID());
    form.set("client_id", client);
    form.set("client_assertion_type", jwtBearer);
    form.set("client_assertion", await statement.sign(key).catch(() => refuse(`the key does not fit ${algorithm}.`)));
  };
}

function readKey(text: string): SigningKey {
  if (!text.trimStart().startsWith("{")) {
    const key = readPem(text) ?? refuse("give a private key in PEM, which begins with -----BEGIN, or as a JWK.");
    return { key, algorithm: algorithmOf(key), keyId: undefined };
  }
  const { jwk, key } = readJwk(text) ?? refuse("give a JWK that has the private key.");
  const { alg, kid } = jwk;
  return { key, algorithm: typeof alg === "string" ? alg : algorithmOf(key), keyId: typeof kid === "string" ? kid : undefined };
}

function readJwk(text: string): { readonly jwk: Readonly<Record<string, unknown>>; readonly key: KeyObject } | undefined {
  try {
    const jwk = JSON.parse(text) as Record<string, unknown>;
    return { jwk, key: createPrivateKey({ key: jwk, format: "jwk" }) };
  } catch {
    // What the parser says shows a piece of the key.
    return undefined;
  }
}

/** What providers take everywhere, for the kind of key. */
function algorithmOf(key: KeyObject): string {
  const curves: Readonly<Record<string, string>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };
  switch (key.asymmetricKeyType) {
    case "rsa":
      return "RS256";
    case "ed25519":
      return "EdDSA";
    case "ec":
      return curves[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? refuse("use a key on P-256, P-384 or P-521.");
    default:
      return refuse("use a key for RSA, ECDSA or Ed25519.");
  }
}

function refuse(remedy: string): never {
  throw oauthError("OAUTH_FIELD_INVALID", `clientSecret: ${remedy}`, { details: { field: "clientSecret" } });
}
