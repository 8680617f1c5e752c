import { BelayError } from "@belay/sdk";

/** It is merged anew, now or a little later. */
export function contended(why: string): BelayError {
  return new BelayError("TWO_WAY_CONTENDED", why, { retry: "backoff" });
}

/** The runner ends as suspended by it, and whoever has the mailbox goes on. */
export function leaseLost(): BelayError {
  return new BelayError("LEASE_LOST", "The mailbox is no longer this worker's.", { retry: "backoff" });
}
