import { failureClasses } from "@belay/sdk";
import type { RenewalOutcome } from "./outcome.ts";
import { misconfiguredSchedule, outageSchedule, pauseAfter } from "./plan-refresh.ts";
import type { Renewer } from "./renewer.ts";
import { type CredentialEvent, credentialTransitions } from "./states.ts";
import type { CredentialRow, Failure } from "./store.ts";

/** What a failed renewal leads to. */
export type Judgement = Pick<Failure, "state" | "code" | "answered" | "retryInMs">;

/**
 * Judges a renewal that was not granted. Each kind of failure has its own reaction:
 *
 * - The grant has ended (`credential-refused`, a thing of the tenant's): nothing more is tried, the tenant is asked to connect again. If an earlier call with the same
 *   single-use token has no known answer, that call consumed it: then the grant is not revoked but lost, and is told as such.
 * - We are refused ourselves (the client, its secret, a scope): it is tried on, slowly, and heals when somebody has mended it.
 * - The provider could not be asked, or gave no sensible answer: it is tried on for as long as it takes.
 *
 * @param row As it was when the lease was taken: `unanswered` counts this call too.
 */
export function judgeFailure(
  outcome: Exclude<RenewalOutcome, { kind: "granted" }>,
  row: Pick<CredentialRow, "state" | "attempts" | "unanswered" | "settlesInMs">,
  { classOf, random }: { readonly classOf: Renewer["classOf"]; readonly random: () => number },
): Judgement {
  const failures = row.attempts + 1;
  if (outcome.kind === "refused" && isTenants(classOf(outcome.code))) {
    const lost = row.unanswered > 1;
    return { state: next(row, "ended"), code: lost ? "CREDENTIAL_ANSWER_LOST" : outcome.code, answered: true, retryInMs: null };
  }
  if (outcome.kind === "refused") {
    const retryInMs = pauseAfter(failures, misconfiguredSchedule, random);
    return { state: next(row, "client-refused"), code: outcome.code, answered: true, retryInMs };
  }
  const told = outcome.kind === "unavailable" ? (outcome.retryAfterMs ?? 0) : 0;
  const pauseMs = Math.max(told, pauseAfter(failures, outageSchedule, random));
  // A gateway that gave up says nothing of what the endpoint behind it did.
  const answered = outcome.kind === "unavailable" && outcome.code !== "OAUTH_GATEWAY_FAILED";
  // A call that may still be on its way is waited for.
  const retryInMs = answered && row.unanswered <= 1 ? pauseMs : Math.max(pauseMs, row.settlesInMs ?? 0);
  return { state: next(row, "unavailable"), code: outcome.code, answered, retryInMs };
}

/** A code that nobody has declared is ours to look into: it must not send a tenant to connect again. */
function isTenants(name: ReturnType<Renewer["classOf"]>): boolean {
  return name !== undefined && failureClasses[name].owner === "tenant";
}

function next(row: Pick<CredentialRow, "state">, event: CredentialEvent): CredentialRow["state"] {
  return credentialTransitions[row.state][event] ?? row.state;
}
