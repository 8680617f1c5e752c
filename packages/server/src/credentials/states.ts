/** How a credential stands, as it is kept. `expiring` is worked out for who asks, see `tell-health.ts`. */
export type CredentialState = "connected" | "needs_reconnect" | "provider_unavailable" | "misconfigured" | "disconnected";

/** What can happen to a credential. */
export type CredentialEvent =
  /** A person connected the account, or a renewal gave a new one. */
  | "granted"
  /** The provider ended the grant: only a person can give another. */
  | "ended"
  /** The provider knows us no longer, or not as we said: the engineer's to mend. */
  | "client-refused"
  /** The provider could not be asked, or had no sensible answer. */
  | "unavailable"
  | "forgotten";

/**
 * ```
 *  connected ⇄ provider_unavailable ⇄ misconfigured      each renewal that succeeds leads back to connected
 *      └──────────────┴──────────────────┴─▶ needs_reconnect ──(a person connects)──▶ connected
 *  every one ─(disconnect)─▶ disconnected ──(a person connects)──▶ connected
 * ```
 *
 * `null`: it is of no consequence there.
 */
export const credentialTransitions: Readonly<Record<CredentialState, Readonly<Record<CredentialEvent, CredentialState | null>>>> = {
  connected: {
    granted: "connected",
    ended: "needs_reconnect",
    "client-refused": "misconfigured",
    unavailable: "provider_unavailable",
    forgotten: "disconnected",
  },
  provider_unavailable: {
    granted: "connected",
    ended: "needs_reconnect",
    "client-refused": "misconfigured",
    unavailable: "provider_unavailable",
    forgotten: "disconnected",
  },
  misconfigured: {
    granted: "connected",
    ended: "needs_reconnect",
    "client-refused": "misconfigured",
    // The provider was reached, and refused us: that it is away now mends nothing.
    unavailable: "misconfigured",
    forgotten: "disconnected",
  },
  needs_reconnect: { granted: "connected", ended: null, "client-refused": null, unavailable: null, forgotten: "disconnected" },
  disconnected: { granted: "connected", ended: null, "client-refused": null, unavailable: null, forgotten: null },
};
