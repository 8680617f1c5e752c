import { BelayError, failureClasses, type Secret } from "@belay/sdk";
import { credentialErrors } from "./errors.ts";
import type { Renewer } from "./renewer.ts";
import type { CredentialState } from "./states.ts";
import type { CredentialRow } from "./store.ts";

/** A credential as it is handed out for calls: without what only renews it. */
export interface GivenCredential {
  /** Rises with each renewal and each reconnection; 0: the configuration's own. */
  readonly version: number;
  readonly fields: Readonly<Record<string, Secret>>;
  readonly expiresAtMs: number | null;
}

/** What this process knows of a credential, so that most calls need no database. */
export interface Kept {
  readonly given: GivenCredential;
  readonly state: CredentialState;
  /** By our own clock: from then on it is not handed out any more. */
  readonly usableUntilMs: number;
}

/** A call takes time to arrive: what ends within it counts as ended. */
const marginMs = 5_000;

/** Until when a credential is handed out: a little less than its lifetime, and of a short one a tenth less. */
export function usableUntil(expiresInMs: number | null, now: number): number {
  return expiresInMs === null ? Number.POSITIVE_INFINITY : now + expiresInMs - Math.min(marginMs, Math.max(expiresInMs, 0) / 10);
}

/** A person looks at it within that time, and what waits goes on at once when the credential is good again: this is only how often it is looked at otherwise. */
const waitForPersonMs = 5 * 60_000;
const shortestWaitMs = 250;

/**
 * Why a credential cannot be used now: the mailbox waits, and no attempt is used up.
 *
 * @param code What is told; its class comes from `credentialErrors` or the renewer.
 */
export function cannotBeUsed(code: string, connection: string, afterMs: number, renewer: Pick<Renewer, "classOf">): BelayError {
  const name = Object.hasOwn(credentialErrors, code)
    ? credentialErrors[code as keyof typeof credentialErrors].class
    : renewer.classOf(code);
  const owner = name === undefined ? "engineer" : failureClasses[name].owner;
  return new BelayError(
    code,
    `The credential of connection "${connection}" cannot be used now; the ${owner} can tell why, or has to act.`,
    {
      retry: { afterMs: Math.max(shortestWaitMs, Math.round(afterMs)) },
      details: { waits: true, connection },
    },
  );
}

/** The same, for a row that nobody can use before a person has acted; undefined where that is not so. */
export function waitsForPerson(
  { state, code, connection }: Pick<CredentialRow, "state" | "code" | "connection">,
  renewer: Renewer,
): BelayError | undefined {
  if (state === "disconnected") return cannotBeUsed("CREDENTIAL_DISCONNECTED", connection, waitForPersonMs, renewer);
  if (state === "needs_reconnect") return cannotBeUsed(code ?? "CREDENTIAL_EXPIRED", connection, waitForPersonMs, renewer);
  return undefined;
}

/** It has ended, and nothing renews it. */
export function hasExpired(connection: string, renewer: Renewer): BelayError {
  return cannotBeUsed("CREDENTIAL_EXPIRED", connection, waitForPersonMs, renewer);
}

/** Nobody has connected it. */
export function notConnected(connection: string, renewer: Renewer): BelayError {
  return cannotBeUsed("CREDENTIAL_MISSING", connection, waitForPersonMs, renewer);
}
