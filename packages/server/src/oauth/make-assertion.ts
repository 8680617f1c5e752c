import { randomUUID } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { JwtBearer, Secret } from "@belay/sdk";
import { SignJWT } from "jose";
import { oauthError } from "./oauth-error.ts";
import { readPem } from "./read-pem.ts";

type Fields = Readonly<Record<string, Secret>>;

/** Long enough for clocks that differ; Google and Salesforce take no more than an hour, and five minutes. */
const lifetimeSeconds = 180;

/** Who signs, and with what. */
interface Signer {
  readonly issuer: string;
  readonly key: KeyObject;
  readonly keyId: string | undefined;
}

/**
 * The statement by which a token is asked for.
 *
 * @throws `OAUTH_FIELD_INVALID` naming the field of the credential.
 * @see RFC 7523, section 3; RFC 7522, section 2.1
 */
export async function makeAssertion(auth: JwtBearer, fields: Fields, nowMs: number): Promise<string> {
  if (auth.assertion === "saml") {
    const given = reveal(fields, "assertion").trim();
    return given.startsWith("<") ? Buffer.from(given, "utf8").toString("base64url") : given;
  }
  const { issuer, key, keyId } = auth.assertion === "serviceAccount" ? fromServiceAccount(fields) : fromPrivateKey(fields);
  const subject = fields["subject"]?.reveal() ?? (auth.subject === "client" ? issuer : undefined);
  const scopesIn = auth.scopesIn ?? (auth.assertion === "serviceAccount" ? "claim" : "parameter");
  const scopes = auth.scopes ?? [];
  const seconds = Math.floor(nowMs / 1_000);
  const claims = {
    ...auth.claims,
    ...(scopesIn === "claim" && scopes.length > 0 && { scope: scopes.join(auth.scopeSeparator ?? " ") }),
  };
  const unsigned = new SignJWT(claims)
    .setProtectedHeader({ alg: auth.algorithm ?? "RS256", typ: "JWT", ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(issuer)
    .setAudience(auth.audience ?? auth.tokenUrl)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + lifetimeSeconds)
    .setJti(randomUUID());
  try {
    return await (subject === undefined ? unsigned : unsigned.setSubject(subject)).sign(key);
  } catch (error) {
    const field = auth.assertion === "serviceAccount" ? "serviceAccount" : "privateKey";
    // The library's error says which kind of key it wants; it does not hold the key.
    throw invalid(field, `the key does not fit ${auth.algorithm ?? "RS256"}.`, error);
  }
}

/** @see https://developers.google.com/identity/protocols/oauth2/service-account */
function fromServiceAccount(fields: Fields): Signer {
  const file = parse(reveal(fields, "serviceAccount"));
  const [issuer, pem, keyId] = ["client_email", "private_key", "private_key_id"].map((name) => file[name]);
  if (typeof issuer !== "string" || typeof pem !== "string")
    throw invalid("serviceAccount", "give the whole JSON file, which has client_email and private_key.");
  return { issuer, key: readKey("serviceAccount", pem), keyId: typeof keyId === "string" ? keyId : undefined };
}

function fromPrivateKey(fields: Fields): Signer {
  const key = readKey("privateKey", reveal(fields, "privateKey"));
  return { issuer: reveal(fields, "clientId"), key, keyId: fields["keyId"]?.reveal() };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const file: unknown = JSON.parse(text);
    if (typeof file === "object" && file !== null) return file as Record<string, unknown>;
  } catch {
    // What the parser says shows a piece of the file, which is a secret.
  }
  throw invalid("serviceAccount", "give the JSON file of the service account as it is.");
}

function readKey(field: string, pem: string): KeyObject {
  const key = readPem(pem);
  if (key === undefined) throw invalid(field, "give a private key in PEM, which begins with -----BEGIN.");
  return key;
}

function reveal(fields: Fields, field: string): string {
  const secret = fields[field];
  if (secret === undefined) throw invalid(field, "is missing.");
  return secret.reveal();
}

function invalid(field: string, remedy: string, cause?: unknown): Error {
  return oauthError("OAUTH_FIELD_INVALID", `credential.${field}: ${remedy}`, { details: { field }, ...(cause !== undefined && { cause }) });
}
