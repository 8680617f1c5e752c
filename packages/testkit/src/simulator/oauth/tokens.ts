import { toMs } from "@belay/sdk";
import type { OAuth2 } from "@belay/sdk";
import type { Random } from "../random.ts";

/** What a user, or the client for itself, has agreed to. All tokens that came of it end together. */
interface Consent {
  readonly scopes: readonly string[];
  revoked: boolean;
}

interface Token {
  readonly consent: Consent;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
  revoked: boolean;
  /** A refresh token that rotates is used up by its first use. */
  used: boolean;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly expiresInSeconds: number;
  readonly scopes: readonly string[];
}

export type Refreshing = IssuedTokens | "unknown" | "expired" | "reused" | "scope-too-wide";

/** The tokens of one account at the authorization server. */
export interface TokenBook {
  /** Tokens for a new consent. */
  issue(scopes: readonly string[], withRefreshToken: boolean): IssuedTokens;
  /** Takes tokens that were given out before, as if now. */
  adopt(accessToken: string, refreshToken: string | undefined, scopes: readonly string[]): void;
  refresh(refreshToken: string, scopes: readonly string[] | undefined): Refreshing;
  /** The scopes of an access token that holds; else why it does not. */
  judge(accessToken: string): { readonly scopes: readonly string[] } | "unknown" | "expired" | "revoked";
  /** Ends a token; a refresh token takes along all that came of its consent. False when it is not known. @see RFC 7009 */
  revoke(token: string): boolean;
}

export function keepTokens(auth: Pick<OAuth2, "accessTokenLifetime" | "refreshToken">, random: Random, now: () => number): TokenBook {
  const accessTokens = new Map<string, Token>();
  const refreshTokens = new Map<string, Token>();
  const lifetimeMs = toMs(auth.accessTokenLifetime);
  const { rotates = false, lifetime } = auth.refreshToken ?? {};

  const newToken = (consent: Consent, scopes: readonly string[], forMs: number): Token => ({
    consent,
    scopes,
    expiresAt: now() + forMs,
    revoked: false,
    used: false,
  });
  const newRefreshToken = (consent: Consent): Token =>
    newToken(consent, consent.scopes, lifetime === undefined ? Infinity : toMs(lifetime));

  const give = (consent: Consent, scopes: readonly string[], withRefreshToken: boolean): IssuedTokens => {
    const accessToken = opaque("at", random);
    accessTokens.set(accessToken, newToken(consent, scopes, lifetimeMs));
    const refreshToken = withRefreshToken ? opaque("rt", random) : undefined;
    if (refreshToken !== undefined) refreshTokens.set(refreshToken, newRefreshToken(consent));
    return { accessToken, refreshToken, expiresInSeconds: Math.floor(lifetimeMs / 1_000), scopes };
  };

  return {
    issue: (scopes, withRefreshToken) => give({ scopes, revoked: false }, scopes, withRefreshToken),
    adopt(accessToken, refreshToken, scopes) {
      const consent: Consent = { scopes, revoked: false };
      accessTokens.set(accessToken, newToken(consent, scopes, lifetimeMs));
      if (refreshToken !== undefined) refreshTokens.set(refreshToken, newRefreshToken(consent));
    },
    refresh(refreshToken, scopes) {
      const token = refreshTokens.get(refreshToken);
      if (token === undefined || token.revoked || token.consent.revoked) return "unknown";
      if (token.used) {
        // Two parties hold the same token, and nobody can tell which of them is the thief.
        token.consent.revoked = true;
        return "reused";
      }
      if (token.expiresAt <= now()) return "expired";
      const asked = scopes ?? token.consent.scopes;
      if (!asked.every((scope) => token.consent.scopes.includes(scope))) return "scope-too-wide";
      if (rotates) token.used = true;
      return give(token.consent, asked, rotates);
    },
    judge(accessToken) {
      const token = accessTokens.get(accessToken);
      if (token === undefined) return "unknown";
      if (token.revoked || token.consent.revoked) return "revoked";
      return token.expiresAt <= now() ? "expired" : { scopes: token.scopes };
    },
    revoke(text) {
      const refreshToken = refreshTokens.get(text);
      if (refreshToken !== undefined) refreshToken.consent.revoked = true;
      const accessToken = accessTokens.get(text);
      if (accessToken !== undefined) accessToken.revoked = true;
      return refreshToken !== undefined || accessToken !== undefined;
    },
  };
}

/** Hard to guess for no attacker: it is drawn from the seed, so that a run can be repeated. */
export function opaque(prefix: string, random: Random): string {
  const parts = Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(36)
      .padStart(7, "0"),
  );
  return `${prefix}_${parts.join("")}`;
}
