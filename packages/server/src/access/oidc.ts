import { BelayError } from "@belay/sdk";
import * as client from "openid-client";
import type { OperatorRole } from "./operator-store.ts";

/** An identity provider that operators sign in by. */
export interface OidcOptions {
  /** Its issuer URL; what else it needs is discovered there. */
  readonly issuer: string;
  readonly clientId: string;
  /** Of several the next is tried when the provider refuses one, so that it can be rotated while people sign in. */
  readonly clientSecret: string | readonly [string, ...string[]];
  /** The claim of the ID token that holds groups or roles. Default `groups`. */
  readonly claim?: string;
  /** Which of its values make somebody what; the highest role counts. Who has none of them is not let in. */
  readonly roles: Readonly<Partial<Record<OperatorRole, readonly string[]>>>;
  /** Default `openid profile email`. */
  readonly scope?: string;
}

/** What a browser keeps while its person is at the provider. */
export interface OidcAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Vouched {
  /** Issuer and subject: who it is, whatever it is called. */
  readonly subject: string;
  readonly name: string;
  readonly role: OperatorRole;
}

export interface OidcSignIn {
  /** Where to send the browser, with code, PKCE, state and nonce. @throws `ACCESS_PROVIDER_FAILED`. */
  begin(redirectUri: string): Promise<{ url: string; attempt: OidcAttempt }>;
  /** What came back. @throws `ACCESS_PROVIDER_FAILED`, `ACCESS_ROLE_MISSING`. */
  finish(callback: URL, attempt: OidcAttempt): Promise<Vouched>;
}

const timeoutSeconds = 10;
const ranks = ["admin", "engineer", "support"] as const;

/** Speaks to the provider when somebody signs in: one that is away keeps nobody from starting. Only a provider on loopback may do without TLS. */
export function openOidc(options: OidcOptions): OidcSignIn {
  let discovered: Promise<Clients> | undefined;
  const discover = async (): Promise<Clients> => {
    discovered ??= discoverProvider(options);
    try {
      return await discovered;
    } catch (error) {
      // The next one who signs in tries again.
      discovered = undefined;
      throw error;
    }
  };
  return {
    begin: async (redirectUri) =>
      await speaking(async () => {
        const [configuration] = await discover();
        const attempt = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() };
        const url = client.buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: options.scope ?? "openid profile email",
          code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
          code_challenge_method: "S256",
          state: attempt.state,
          nonce: attempt.nonce,
        });
        return { url: url.href, attempt };
      }),
    finish: async (callback, { state, nonce, verifier }) => {
      const claims = await speaking(async () => {
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
        return await withEachSecret(await discover(), async (each) =>
          (await client.authorizationCodeGrant(each, callback, checks)).claims(),
        );
      });
      if (claims === undefined) throw new BelayError("ACCESS_PROVIDER_FAILED", "The identity provider gave no ID token.");
      const role = roleOf(claims[options.claim ?? "groups"], options.roles);
      if (role === undefined)
        throw new BelayError("ACCESS_ROLE_MISSING", "You are known, but in no group that may in: ask an administrator.");
      const name = [claims["email"], claims["preferred_username"], claims["name"]].find((each) => typeof each === "string") ?? claims.sub;
      return { subject: `${claims.iss}#${claims.sub}`, name: String(name), role };
    },
  };
}

/** The highest role that any of the values gives. */
function roleOf(claim: unknown, roles: OidcOptions["roles"]): OperatorRole | undefined {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return ranks.find((role) => roles[role]?.some((value) => values.includes(value)));
}

/** The same client, with each of its secrets. */
type Clients = readonly [client.Configuration, ...client.Configuration[]];

async function discoverProvider({ issuer, clientId, clientSecret }: OidcOptions): Promise<Clients> {
  const url = new URL(issuer);
  const onLoopback = url.protocol === "http:" && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  const [first, ...others] = typeof clientSecret === "string" ? [clientSecret] : clientSecret;
  const discovered = await client.discovery(url, clientId, undefined, client.ClientSecretPost(first), {
    timeout: timeoutSeconds,
    // oxlint-disable-next-line typescript/no-deprecated -- marked so only to stand out; nothing leaves the machine here
    ...(onLoopback && { execute: [client.allowInsecureRequests] }),
  });
  const further = others.map((secret) => {
    const each = new client.Configuration(discovered.serverMetadata(), clientId, undefined, client.ClientSecretPost(secret));
    each.timeout = timeoutSeconds;
    // oxlint-disable-next-line typescript/no-deprecated -- as above
    if (onLoopback) client.allowInsecureRequests(each);
    return each;
  });
  return [discovered, ...further];
}

/** A provider that refuses a client has used nothing up: the code is still good for the next secret. @throws what the last one throws. */
async function withEachSecret<Result>(clients: Clients, work: (each: client.Configuration) => Promise<Result>): Promise<Result> {
  const [first, ...others] = clients;
  try {
    return await work(first);
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined || !isClientRefused(error)) throw error;
    return await withEachSecret([next, ...rest], work);
  }
}

/** @see RFC 6749, section 5.2: 400 or 401, and with 401 there may be a challenge instead of a reading of the body. */
function isClientRefused(error: unknown): boolean {
  if (error instanceof client.ResponseBodyError) return error.error === "invalid_client" || error.status === 401;
  return error instanceof client.WWWAuthenticateChallengeError && error.status === 401;
}

async function speaking<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new BelayError("ACCESS_PROVIDER_FAILED", "The identity provider did not confirm the sign-in.", { cause, retry: "backoff" });
  }
}
