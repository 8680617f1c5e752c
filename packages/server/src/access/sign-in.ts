import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { BelayError } from "@belay/sdk";
import type { AuditFact, AuditLog } from "../audit/index.ts";
import type { Db } from "../db/index.ts";
import {
  findOperator,
  forgetAttempts,
  hasOperators,
  insertFirstOperator,
  type OperatorRole,
  takeAttempt,
  upsertOperator,
} from "./operator-store.ts";
import { hashPassword, isPassword } from "./password.ts";
import type { Sessions } from "./sessions.ts";

/** What is needed of the vault: names are sealed, and found again by fingerprints. */
export interface NameCipher {
  seal(items: readonly { tenant: string; purpose: string; value: Uint8Array }[]): Promise<Uint8Array[]>;
  fingerprint(items: readonly { tenant: string; value: string }[]): Promise<Uint8Array[]>;
}

export interface SignInParts {
  readonly db: Db;
  readonly cipher: NameCipher;
  readonly sessions: Sessions;
  readonly audit: AuditLog;
  /** Each makes a set-up link, which nobody without one can make. */
  readonly adminTokens: readonly string[];
}

export const operatorNamePurpose = "operator.name";
const shortestPassword = 12;
/** Of an account or an address, after many attempts. Not longer: whoever is at home here shall get in while others knock. */
const longestWaitMs = 60_000;

/** The secret of the set-up link: the same in all processes, and of no use once there is an operator. */
export function setUpToken(adminToken: string): string {
  return createHmac("sha256", adminToken).update("belay set-up link").digest("base64url");
}

/** Whether the first administrator is still to be made. */
export async function needsSetUp(db: Db): Promise<boolean> {
  return !(await hasOperators(db));
}

/**
 * Makes the first administrator and signs it in. It works once: not when there is, or ever was, an operator.
 *
 * @returns the cookie's value. @throws `ACCESS_SET_UP_OVER`, `ACCESS_PASSWORD_WEAK`.
 */
export async function setUp(
  parts: SignInParts,
  given: { token: string; name: string; password: string },
  address: string,
): Promise<string> {
  const token = Buffer.from(given.token);
  const isLink = parts.adminTokens.some((adminToken) => {
    const expected = Buffer.from(setUpToken(adminToken));
    return token.length === expected.length && timingSafeEqual(token, expected);
  });
  const over = new BelayError("ACCESS_SET_UP_OVER", "This link is wrong, or the first administrator has been made already.");
  if (!isLink || !(await needsSetUp(parts.db))) {
    parts.audit.refuse({ ...factOf("nobody", "", address), action: "set-up", outcome: "refused", status: 403, code: over.code });
    throw over;
  }
  if (given.password.length < shortestPassword || given.name === "")
    throw new BelayError("ACCESS_PASSWORD_WEAK", `Give a name and a password of at least ${shortestPassword} characters.`);
  const id = newId();
  const [fingerprint, name] = await Promise.all([fingerprintOf(parts, `local:${given.name.toLowerCase()}`), sealName(parts, given.name)]);
  const password = await hashPassword(given.password);
  const fact = await parts.audit.prepare({ ...factOf(`operator:${id}`, "admin", address), action: "set-up" });
  return await parts.db.transaction().execute(async (tx) => {
    if (!(await insertFirstOperator(tx, { id, fingerprint, name, kind: "local", role: "admin", password }))) throw over;
    const session = await parts.sessions.begin(tx, id, "admin");
    await parts.audit.append(tx, fact);
    return session;
  });
}

/**
 * Signs in by name and password. A name that is unknown, a wrong password and a barred operator are one answer, in the same time.
 *
 * @returns the cookie's value. @throws `ACCESS_SIGN_IN_REFUSED`, `ACCESS_SIGN_IN_THROTTLED`.
 */
export async function signIn(parts: SignInParts, given: { name: string; password: string }, address: string): Promise<string> {
  const fingerprint = await fingerprintOf(parts, `local:${given.name.toLowerCase()}`);
  const subjects = await Promise.all([
    fingerprintOf(parts, `account:${given.name.toLowerCase()}`),
    fingerprintOf(parts, `address:${address}`),
  ]);
  const refuse = (code: string, status: number): void =>
    parts.audit.refuse({ ...factOf("nobody", "", address), action: "sign-in", outcome: "refused", status, code });
  for (const subject of subjects) {
    if (await takeAttempt(parts.db, subject, longestWaitMs)) continue;
    refuse("ACCESS_SIGN_IN_THROTTLED", 429);
    throw new BelayError("ACCESS_SIGN_IN_THROTTLED", "Too many attempts: wait a minute before the next.", {
      retry: { afterMs: longestWaitMs },
    });
  }
  const operator = await findOperator(parts.db, fingerprint);
  const matches = await isPassword(given.password, operator?.password ?? undefined);
  if (operator === undefined || !matches || operator.barredAt !== null) {
    refuse("ACCESS_SIGN_IN_REFUSED", 401);
    throw new BelayError("ACCESS_SIGN_IN_REFUSED", "Name or password is wrong.");
  }
  await forgetAttempts(parts.db, subjects);
  return await beginSession(parts, operator, address);
}

/** Signs in whom an identity provider vouches for; its role is what the provider says now. @throws `ACCESS_SIGN_IN_REFUSED` for somebody barred. */
export async function signInVouched(
  parts: SignInParts,
  given: { subject: string; name: string; role: OperatorRole },
  address: string,
): Promise<string> {
  const [fingerprint, name] = await Promise.all([fingerprintOf(parts, `oidc:${given.subject}`), sealName(parts, given.name)]);
  const operator = await upsertOperator(parts.db, { id: newId(), fingerprint, name, kind: "oidc", role: given.role, password: null });
  if (operator === undefined || operator.barredAt !== null) {
    parts.audit.refuse({
      ...factOf("nobody", "", address),
      action: "sign-in",
      outcome: "refused",
      status: 401,
      code: "ACCESS_SIGN_IN_REFUSED",
    });
    throw new BelayError("ACCESS_SIGN_IN_REFUSED", "Your access was taken away.");
  }
  return await beginSession(parts, operator, address);
}

async function beginSession(parts: SignInParts, { id, role }: { id: string; role: OperatorRole }, address: string): Promise<string> {
  const fact = await parts.audit.prepare({ ...factOf(`operator:${id}`, role, address), action: "sign-in" });
  return await parts.db.transaction().execute(async (tx) => {
    const session = await parts.sessions.begin(tx, id, role);
    await parts.audit.append(tx, fact);
    return session;
  });
}

function factOf(actor: string, role: string, address: string): AuditFact {
  return { tenant: "", actor, role, action: "", object: "", outcome: "done", status: 303, code: "", address };
}

function newId(): string {
  return randomBytes(6).toString("hex");
}

async function fingerprintOf({ cipher }: SignInParts, value: string): Promise<Uint8Array> {
  const [fingerprint] = await cipher.fingerprint([{ tenant: "", value }]);
  if (fingerprint === undefined) throw new Error("The vault gave no fingerprint.");
  return fingerprint;
}

async function sealName({ cipher }: SignInParts, name: string): Promise<Uint8Array> {
  const [sealed] = await cipher.seal([{ tenant: "", purpose: operatorNamePurpose, value: Buffer.from(name.slice(0, 200)) }]);
  if (sealed === undefined) throw new Error("The vault sealed nothing.");
  return sealed;
}
