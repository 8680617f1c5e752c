/** Names a breaker. */
export interface BreakerKey {
  readonly scope: "connection" | "provider";
  /** `tenant/connection`, or the provider. */
  readonly key: string;
}

/** A breaker that is not closed, as everybody knows it. */
export interface OpenBreaker extends BreakerKey {
  readonly provider: string;
  /** Of a connection: nothing says yet that others of its provider do well. */
  readonly suspected: boolean;
  /** Until the next probe, ms from when it was told; 0: it is due, or under way. */
  readonly probeInMs: number;
}

/** A connection has failed so often in a row that nobody should call it now. */
export interface Trip {
  /** `tenant/connection` */
  readonly connection: string;
  readonly provider: string;
  /** While it failed, others of the same provider did well. */
  readonly alone: boolean;
}

/** Whether the caller may probe, under this token, or when to ask again. */
export type ProbeAnswer = { readonly token: number } | { readonly afterMs: number };

export interface ProbeEnd extends BreakerKey {
  readonly token: number;
  /** `released`: it told nothing about the provider. */
  readonly outcome: "success" | "failure" | "released";
  /** Lately others of the same provider did well. */
  readonly alone: boolean;
}

/** A connection of this provider did well while others of it did not: those fail alone. */
export interface Vouch {
  /** `tenant/connection` */
  readonly connection: string;
  readonly provider: string;
}

/** What a breaker near the calls says to those that all processes share. */
export interface BreakerDesk {
  trip(trip: Trip): void;
  /** Asks to be the one that probes. Never rejects. */
  claim(key: BreakerKey): Promise<ProbeAnswer>;
  end(end: ProbeEnd): void;
  vouch(vouch: Vouch): void;
}

/** How many a provider has, as far as the catalog knows. */
export interface ProviderSize {
  readonly connections: number;
  readonly tenants: readonly string[];
}
