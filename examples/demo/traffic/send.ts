import { setTimeout as wait } from "node:timers/promises";
import { textOf } from "../member.ts";
import type { Delivery } from "./delivery.ts";
import type { PlannedDelivery } from "./plan.ts";

/** What became of a delivery. */
export interface Receipt {
  readonly delivery: Delivery;
  /** The last status; 0 when the sender gave up without an answer. */
  readonly status: number;
  /** `accepted`, `duplicate`, `ignored` or `quarantined` of a 202, else why it was refused. */
  readonly outcome: string;
  /** How often it was sent again because of 429, 503 or a broken connection. */
  readonly resent: number;
}

export interface SendOptions {
  readonly fetch: typeof globalThis.fetch;
  /** Belay's address. */
  readonly url: string;
  /** Over how many milliseconds the plan is stretched. */
  readonly spreadMs: number;
  /** How many requests are on their way at once, at most. */
  readonly senders: number;
  readonly onReceipt: (receipt: Receipt) => void;
  readonly signal: AbortSignal;
}

const maxAttempts = 30;
const attemptTimeoutMs = 15_000;

/** Sends the plan over HTTP with keep-alive. Every delivery ends with one receipt. */
export async function sendTraffic(plan: readonly PlannedDelivery[], options: SendOptions): Promise<void> {
  const startedAt = performance.now();
  const queue = plan.values();
  const sender = async (): Promise<void> => {
    // The senders share one queue: each takes the next delivery when it is free.
    for (const { at, delivery } of queue) {
      const early = at * options.spreadMs - (performance.now() - startedAt);
      if (early > 0) await wait(early, undefined, { signal: options.signal });
      options.onReceipt(await deliver(delivery, options));
    }
  };
  await Promise.all(Array.from({ length: options.senders }, sender));
}

async function deliver(delivery: Delivery, { fetch, url, signal }: SendOptions): Promise<Receipt> {
  let last = { status: 0, outcome: "no answer", retryAfterMs: 0 };
  for (let resent = 0; resent < maxAttempts; resent += 1) {
    last = await attempt(fetch, `${url}/in/${delivery.endpoint}`, delivery, signal);
    if (last.status !== 0 && last.status !== 429 && last.status !== 503)
      return { delivery, resent, status: last.status, outcome: last.outcome };
    await wait(Math.max(last.retryAfterMs, Math.min(2_000, 50 * 2 ** resent)), undefined, { signal });
  }
  return { delivery, resent: maxAttempts, status: last.status, outcome: last.outcome };
}

async function attempt(
  fetch: SendOptions["fetch"],
  url: string,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<{ status: number; outcome: string; retryAfterMs: number }> {
  const { headers, body } = await delivery.compose(new Date());
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]),
    });
    const answer: unknown = await response.json().catch(() => undefined); // an answer without JSON still has its status
    return {
      status: response.status,
      outcome: outcomeOf(response.status, answer),
      retryAfterMs: Number(response.headers.get("retry-after") ?? 0) * 1_000,
    };
  } catch {
    signal.throwIfAborted();
    return { status: 0, outcome: "no answer", retryAfterMs: 0 }; // a broken connection says nothing; like a provider, send again
  }
}

function outcomeOf(status: number, answer: unknown): string {
  if (status === 202) return textOf(answer, "outcome") ?? "no outcome";
  return `${status} ${textOf(answer, "code") ?? textOf(answer, "title") ?? ""}`.trim();
}
