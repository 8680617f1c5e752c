import type { Clock } from "../telemetry/index.ts";
import { readPauseMs } from "./rate-limits.ts";
import type { Settings } from "./read-settings.ts";
import { fingerprintOf, toEnvelope } from "./sentry-envelope.ts";
import type { Trouble } from "./trouble.ts";

export interface ErrorTrackerParts {
  readonly settings: NonNullable<Settings["sentry"]>;
  readonly clock: Clock;
  readonly newEventId: () => string;
  readonly fetch: typeof fetch;
  /** Told when sending begins to fail, and with `undefined` when it works again. */
  readonly onDelivery: (error: Error | undefined) => void;
}

/** Of one kind, within a minute: the rest is counted, and the number goes with the next one that is sent. */
const mostPerMinute = 5;
const mostWaiting = 100;
/** Kinds whose minutes are kept; above that all are forgotten. */
const mostKinds = 1_000;
const sendTimeoutMs = 5_000;

interface Minute {
  readonly startedAtMs: number;
  sent: number;
  suppressed: number;
}

/** Sends troubles to an error tracker that speaks Sentry's protocol, one after the other. Never throws, never waits, and holds at most 100. */
export class ErrorTracker {
  readonly #parts: ErrorTrackerParts;
  readonly #minutes = new Map<string, Minute>();
  #waiting: string[] = [];
  #sending: Promise<void> | undefined;
  #pausedUntilMs = 0;

  constructor(parts: ErrorTrackerParts) {
    this.#parts = parts;
  }

  report(trouble: Trouble): void {
    const { clock, newEventId, settings } = this.#parts;
    const nowMs = clock.now();
    const minute = this.#minuteOf(fingerprintOf(trouble).join("\n"), nowMs);
    if (minute.sent >= mostPerMinute || nowMs < this.#pausedUntilMs || this.#waiting.length >= mostWaiting) {
      minute.suppressed += 1;
      return;
    }
    const { environment, release } = settings;
    this.#waiting.push(
      toEnvelope(trouble, { eventId: newEventId(), sentAtMs: nowMs, suppressed: minute.suppressed, environment, release }),
    );
    minute.sent += 1;
    minute.suppressed = 0;
    // `#sendAll` tells how each one ended and never rejects.
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
  }

  /** Resolves when everything is sent or given up. */
  async close(): Promise<void> {
    await this.#sending;
  }

  #minuteOf(kind: string, nowMs: number): Minute {
    const known = this.#minutes.get(kind);
    if (known !== undefined && nowMs - known.startedAtMs < 60_000) return known;
    if (this.#minutes.size >= mostKinds) this.#minutes.clear();
    const minute = { startedAtMs: nowMs, sent: 0, suppressed: known?.suppressed ?? 0 };
    this.#minutes.set(kind, minute);
    return minute;
  }

  async #sendAll(): Promise<void> {
    for (let envelope = this.#waiting.shift(); envelope !== undefined; envelope = this.#waiting.shift()) await this.#send(envelope);
  }

  async #send(envelope: string): Promise<void> {
    const { settings, clock, onDelivery } = this.#parts;
    if (clock.now() < this.#pausedUntilMs) return;
    const { envelopeUrl, publicKey } = settings.dsn;
    try {
      const response = await this.#parts.fetch(envelopeUrl, {
        method: "POST",
        headers: {
          "content-type": "application/x-sentry-envelope",
          "x-sentry-auth": `Sentry sentry_version=7, sentry_client=belay/1, sentry_key=${publicKey}`,
        },
        body: envelope,
        redirect: "error",
        signal: AbortSignal.timeout(sendTimeoutMs),
      });
      await response.body?.cancel();
      this.#pausedUntilMs = Math.max(this.#pausedUntilMs, clock.now() + readPauseMs(response.status, response.headers));
      onDelivery(response.ok || response.status === 429 ? undefined : new Error(`The error tracker answered ${response.status}.`));
    } catch (error) {
      onDelivery(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
