import { Secret, toMs } from "@belay/sdk";
import type { OAuth2, TokenAuth } from "@belay/sdk";
import type { Grant } from "./outcome.ts";
import { memberAt, textAt } from "./read-answer.ts";
import type { ProviderAnswer } from "./send-request.ts";

type Body = Readonly<Record<string, unknown>>;

/** What goes into a header: anything else would break the request, or begin another one. */
const sendable = /^[\x21-\x7e]+$/;
const tenYearsSeconds = 10 * 365 * 24 * 3_600;

/**
 * The grant that an answer holds; undefined where it holds no token that could be sent.
 *
 * Providers leave out or misspell nearly everything but the token: `token_type` says what it likes, `expires_in` is a text, zero or minus
 * one, `refresh_token` is null, `scope` is a list. None of that makes a token worthless, so none of it is refused.
 *
 * @see RFC 6749, section 5.1
 */
export function readGrant(auth: TokenAuth, answer: ProviderAnswer, body: Body | undefined): Grant | undefined {
  const { answer: places = {} } = auth;
  const accessToken = tokenOf(auth, answer, body);
  if (accessToken === undefined || !sendable.test(accessToken)) return undefined;
  const known = body ?? {};
  const refreshToken = auth.kind === "oauth2" ? textAt(known, places.refreshToken ?? "refresh_token") : undefined;
  const scopes = auth.kind === "session" ? undefined : scopesOf(auth, memberAt(known, places.scope ?? "scope"));
  return {
    fields: {
      accessToken: new Secret(accessToken),
      ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
    },
    expiresAtMs: answer.sentAtMs + lifetimeMs(auth, answer, known),
    refreshExpiresAtMs: auth.kind === "oauth2" && refreshToken !== undefined ? refreshExpiry(auth, answer, known) : null,
    scopes,
    ...accountOf(auth, known),
  };
}

function tokenOf(auth: TokenAuth, { headers }: ProviderAnswer, body: Body | undefined): string | undefined {
  const tokenIn = auth.kind === "session" ? auth.tokenIn : undefined;
  if (tokenIn === undefined) return body && textAt(body, auth.answer?.accessToken ?? "access_token");
  if ("header" in tokenIn) {
    const value = headers[tokenIn.header.toLowerCase()];
    return Array.isArray(value) ? value[0] : value;
  }
  const set = headers["set-cookie"] ?? [];
  const cookies = (Array.isArray(set) ? set : [set]).map((cookie) => cookie.split(";", 1)[0] ?? "");
  return cookies.find((cookie) => cookie.startsWith(`${tokenIn.cookie}=`))?.slice(tokenIn.cookie.length + 1);
}

function lifetimeMs(auth: TokenAuth, { headers, sentAtMs }: ProviderAnswer, body: Body): number {
  const declared = toMs(auth.accessTokenLifetime);
  if (auth.lifetimeFrom === "declared") return declared;
  const { expiresIn = "expires_in", expiresAt } = auth.answer ?? {};
  const told = secondsOf(memberAt(body, expiresIn));
  if (told !== undefined) return told * 1_000;
  const instant = expiresAt === undefined ? undefined : instantOf(memberAt(body, expiresAt));
  if (instant === undefined) return declared;
  // The provider's clock may differ from ours: what counts is how far ahead of its own clock the instant is.
  const theirNow = Date.parse(String(headers["date"] ?? ""));
  const left = instant - (Number.isNaN(theirNow) ? sentAtMs : theirNow);
  return secondsOf(left / 1_000) === undefined ? declared : left;
}

/** A time that can be true. Zero, minus one and 2^31 are what providers write for "never", and no token is taken for eternal. */
function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof seconds === "number" && seconds > 0 && seconds <= tenYearsSeconds ? seconds : undefined;
}

function instantOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  // Seconds until the year 5138, milliseconds since 1973.
  if (typeof number === "number") return number < 100_000_000_000 ? number * 1_000 : number;
  const parsed = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}

function refreshExpiry(auth: OAuth2, { sentAtMs }: ProviderAnswer, body: Body): number | null {
  const paths =
    auth.answer?.refreshExpiresIn === undefined ? ["refresh_token_expires_in", "refresh_expires_in"] : [auth.answer.refreshExpiresIn];
  const told = paths.map((path) => secondsOf(memberAt(body, path))).find((seconds) => seconds !== undefined);
  if (told !== undefined) return sentAtMs + told * 1_000;
  const lifetime = auth.refreshToken?.lifetime;
  return lifetime === undefined ? null : sentAtMs + toMs(lifetime);
}

function scopesOf(auth: Exclude<TokenAuth, { kind: "session" }>, value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? value.map(String) : typeof value === "string" ? split(auth, value) : undefined;
  return list?.filter((scope) => scope !== "");
}

/** GitHub is asked with spaces and answers with commas; so does who has not read its own documentation. */
function split({ scopes = [], scopeSeparator = " " }: Exclude<TokenAuth, { kind: "session" }>, text: string): readonly string[] {
  const withComma = scopes.some((scope) => scope.includes(","));
  return text.split(scopeSeparator).flatMap((part) => part.split(withComma ? /\s+/ : /[\s,]+/));
}

function accountOf(auth: TokenAuth, body: Body): Pick<Grant, "account"> {
  if (auth.kind !== "oauth2" || auth.account === undefined) return {};
  const [id, name] = [auth.account.id, auth.account.name].map((path) => (path === undefined ? undefined : textAt(body, path)));
  return { account: { ...(id !== undefined && { id }), ...(name !== undefined && { name }) } };
}
