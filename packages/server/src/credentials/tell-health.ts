import type { Renewal } from "./plan-refresh.ts";
import type { CredentialState } from "./states.ts";
import type { CredentialRow } from "./store.ts";

/** `expiring`: usable, and it will end within a week unless a person acts. */
export type HealthState = CredentialState | "expiring";

/** How a credential stands. Times are ISO 8601, UTC. */
export interface CredentialHealth {
  readonly state: HealthState;
  readonly version: number;
  /** When what is used for calls ends; `null`: it does not, as far as is known. */
  readonly expiresAt: string | null;
  /** When it ends if nobody uses it, or however it is used. */
  readonly idleExpiresAt: string | null;
  readonly refreshedAt: string | null;
  /** When a renewal is tried next. */
  readonly refreshAt: string | null;
  /** `null`: the provider did not say. */
  readonly scopes: readonly string[] | null;
  /** Whose account it is, as far as the provider told. */
  readonly account: { readonly id?: string; readonly name?: string } | null;
  /** Why it is not `connected`. */
  readonly code: string | null;
  readonly failingSince: string | null;
  /** Renewals that have failed one after another. */
  readonly attempts: number;
  /** Calls with a single-use token whose answer never came. */
  readonly unanswered: number;
  readonly connectedBy: string | null;
  readonly connectedAt: string;
}

const weekMs = 7 * 86_400_000;

/** What is known of a credential, for people; nothing in it is secret. */
export function tellHealth(row: CredentialRow, renewal: Renewal | undefined, now: number): CredentialHealth {
  const at = (inMs: number | null): string | null => (inMs === null ? null : new Date(now + inMs).toISOString());
  const ago = (agoMs: number | null): string | null => at(agoMs === null ? null : -agoMs);
  return {
    state: isExpiring(row, renewal) ? "expiring" : row.state,
    version: row.version,
    expiresAt: at(row.expiresInMs),
    idleExpiresAt: at(row.idleExpiresInMs),
    refreshedAt: ago(row.refreshedAgoMs),
    refreshAt: at(row.refreshInMs),
    scopes: row.scopes,
    account: row.account,
    code: row.code,
    failingSince: ago(row.failingForMs),
    attempts: row.attempts,
    unanswered: row.unanswered,
    connectedBy: row.connectedBy,
    connectedAt: new Date(now - row.connectedAgoMs).toISOString(),
  };
}

/** What is renewed goes on by itself. What nothing renews ends when it expires; and a renewal that keeps failing does not keep the grant from ending. */
function isExpiring(row: CredentialRow, renewal: Renewal | undefined): boolean {
  if (row.state !== "connected") return false;
  if (row.refreshInMs === null && row.expiresInMs !== null) return row.expiresInMs < weekMs;
  // A grant whose end is not moved by renewing it.
  return row.idleExpiresInMs !== null && renewal?.idleMs === undefined && row.idleExpiresInMs < weekMs;
}
