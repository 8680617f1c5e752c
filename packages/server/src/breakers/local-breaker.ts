import type { Admission, AttemptOutcome, Breaker, BreakerSubject, Clock } from "@belay/sdk/http";
import { KnownBreaker } from "./known-breaker.ts";
import { Neighbours } from "./neighbours.ts";
import { Ramp } from "./ramp.ts";
import { breakerTiming } from "./timing.ts";
import type { BreakerDesk, OpenBreaker } from "./types.ts";

export interface LocalBreakerParts {
  readonly desk: BreakerDesk;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Told of each connection whose breaker opens here, `tenant/connection`. Must be quick. */
  readonly onOpen?: (connection: string) => void;
}

interface Failing {
  failures: number;
  /** When it was no accident any more. */
  surelyAt: number;
}

interface Hold {
  readonly provider: string;
  readonly until: number;
}

const admitted: Admission = { admitted: true, probe: false };
/** A second failure may be a consequence of the first. */
const sureAfter = 3;

/**
 * The breakers as the calls of one thread meet them. It judges by what it sees and by what it was last told: no call asks the database. It tells when a connection
 * fails, which may open the provider's breaker for everybody, and it asks before it probes.
 */
export class LocalBreaker implements Breaker {
  readonly #parts: LocalBreakerParts;
  readonly #connections = new Map<string, KnownBreaker>();
  readonly #providers = new Map<string, KnownBreaker>();
  readonly #failing = new Map<string, Failing>();
  /** Of what was tripped here, until everybody knows, or nobody could be told. */
  readonly #holds = new Map<string, Hold>();
  readonly #ramps = new Map<string, Ramp>();
  readonly #probes = new Map<string, { readonly known: KnownBreaker; readonly token: number }>();
  readonly #neighbours: Neighbours;

  constructor(parts: LocalBreakerParts) {
    this.#parts = parts;
    this.#neighbours = new Neighbours(parts.desk);
  }

  admit(subject: BreakerSubject, now: number): Admission | Promise<Admission> {
    if (this.#holds.size === 0 && this.#connections.size === 0 && this.#providers.size === 0 && this.#ramps.size === 0) return admitted;
    const { connection, provider } = subject;
    const holdMs = this.#holdMs(connection, now);
    if (holdMs > 0) return { admitted: false, afterMs: holdMs };
    const own = this.#connections.get(connection);
    const shared = this.#providers.get(provider);
    // One that fails by itself would tell nothing about its provider.
    if (own !== undefined && shared !== undefined) return shared.refuse(connection, now);
    const known = own ?? shared;
    if (known !== undefined) return this.#probe(known, connection, now);
    return (this.#rampOf(provider) ?? this.#rampOf(connection))?.enter() ?? admitted;
  }

  report(subject: BreakerSubject, probe: boolean, outcome: AttemptOutcome, now: number): void {
    const { connection, provider } = subject;
    if (probe) {
      this.#endProbe(subject, outcome, now);
      return;
    }
    this.#leaveRamp(provider, outcome);
    this.#leaveRamp(connection, outcome);
    if (outcome === "success") {
      if (this.#failing.size > 0) this.#failing.delete(connection);
      this.#neighbours.didWell(connection, provider, now);
    } else if (outcome === "failure") this.#failed(subject, now);
  }

  closedForMs({ connection, provider }: BreakerSubject, now: number): number {
    const known = this.#providers.get(provider) ?? this.#connections.get(connection);
    return known === undefined ? this.#holdMs(connection, now) : known.waitMs(connection, now);
  }

  /** Takes in what is open now; all that is not named is closed. */
  hear(open: readonly OpenBreaker[], now: number): void {
    this.#neighbours.suspect(open);
    for (const scope of ["provider", "connection"] as const) {
      const known = scope === "provider" ? this.#providers : this.#connections;
      const told = new Map(open.filter((breaker) => breaker.scope === scope).map((breaker) => [breaker.key, breaker]));
      for (const [key, { provider }] of [...known].filter(([name]) => !told.has(name))) {
        known.delete(key);
        if (scope === "provider" || !this.#providers.has(provider)) this.#beginRamp(key);
      }
      for (const [key, breaker] of told) {
        const before = known.get(key);
        if (before === undefined) known.set(key, new KnownBreaker(breaker, now));
        else before.hear(breaker.probeInMs, now);
      }
    }
    for (const [connection, { provider }] of this.#holds)
      if (this.#connections.has(connection) || this.#providers.has(provider)) this.#holds.delete(connection);
  }

  #failed({ connection, provider }: BreakerSubject, now: number): void {
    // Sent before it opened: old news.
    if (this.#holds.has(connection) || this.#connections.has(connection) || this.#providers.has(provider)) return;
    const failing = this.#failing.get(connection) ?? { failures: 0, surelyAt: now };
    failing.failures += 1;
    if (failing.failures <= sureAfter) failing.surelyAt = now;
    this.#failing.set(connection, failing);
    if (failing.failures < breakerTiming.threshold) return;
    this.#failing.delete(connection);
    this.#holds.set(connection, { provider, until: now + breakerTiming.firstProbeMs });
    this.#parts.onOpen?.(connection);
    this.#parts.desk.trip({ connection, provider, alone: this.#neighbours.haveDoneWell(connection, provider, failing.surelyAt) });
  }

  async #probe(known: KnownBreaker, connection: string, now: number): Promise<Admission> {
    if (known.asking || known.waitMs(connection, now) > 0) return known.refuse(connection, now);
    known.asking = true;
    const answer = await this.#parts.desk.claim(known);
    known.asking = false;
    const then = this.#parts.clock.now();
    if ("afterMs" in answer) {
      known.hear(answer.afterMs, then);
      return known.refuse(connection, then);
    }
    known.hear(breakerTiming.probeLeaseMs, then);
    this.#probes.set(connection, { known, token: answer.token });
    return { admitted: true, probe: true };
  }

  #endProbe({ connection, provider }: BreakerSubject, outcome: AttemptOutcome, now: number): void {
    const probe = this.#probes.get(connection);
    if (probe === undefined) return;
    this.#probes.delete(connection);
    const { known, token } = probe;
    const { scope, key } = known;
    const alone = this.#neighbours.haveDoneWell(connection, provider, now - breakerTiming.firstProbeMs);
    this.#parts.desk.end({ scope, key, token, outcome, alone });
    if (outcome === "failure") {
      known.hear(breakerTiming.firstProbeMs, now);
      known.toEndOfLine(connection);
    }
    if (outcome === "released") known.hear(0, now);
    if (outcome !== "success") return;
    (scope === "provider" ? this.#providers : this.#connections).delete(key);
    this.#beginRamp(key);
    this.#neighbours.didWell(connection, provider, now);
  }

  #beginRamp(key: string): void {
    const { clock, random } = this.#parts;
    if (!this.#ramps.has(key)) this.#ramps.set(key, new Ramp(clock, random));
  }

  #rampOf(key: string): Ramp | undefined {
    const ramp = this.#ramps.get(key);
    if (ramp?.done === true) this.#ramps.delete(key);
    return ramp;
  }

  #leaveRamp(key: string, outcome: AttemptOutcome): void {
    if (this.#ramps.size === 0) return;
    const ramp = this.#ramps.get(key);
    if (ramp === undefined) return;
    ramp.leave(outcome);
    if (ramp.done) this.#ramps.delete(key);
  }

  #holdMs(connection: string, now: number): number {
    const hold = this.#holds.get(connection);
    if (hold === undefined) return 0;
    if (now < hold.until) return hold.until - now;
    // Nobody could be told: the next failure closes the door again.
    this.#holds.delete(connection);
    this.#failing.set(connection, { failures: breakerTiming.threshold - 1, surelyAt: now });
    return 0;
  }
}
