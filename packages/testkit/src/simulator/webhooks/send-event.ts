import { toMs } from "@belay/sdk";
import type { Webhooks } from "@belay/sdk";
import { attempt } from "./attempt.ts";
import type { Sender, WebhookAttempt, WebhookEndpoint } from "./attempt.ts";
import type { WebhookEvent } from "./compose-event.ts";
import type { DeliveryFaults } from "./delivery-faults.ts";

/** What a provider does about one event and one endpoint. */
export interface WebhookDelivery {
  readonly event: WebhookEvent;
  readonly url: string;
  readonly attempts: readonly WebhookAttempt[];
  /**
   * - sending: before or in an attempt. waiting: a later attempt is due.
   * - acknowledged: a 2xx came. given-up: none came, and there will be no further attempt of the provider's own.
   */
  readonly state: "sending" | "waiting" | "acknowledged" | "given-up";
}

/** A delivery that goes on. */
export interface RunningDelivery extends WebhookDelivery {
  readonly attempts: WebhookAttempt[];
  state: WebhookDelivery["state"];
}

export interface Sending {
  readonly webhooks: Webhooks;
  readonly endpoint: WebhookEndpoint;
  readonly sender: Sender;
  readonly faults: DeliveryFaults;
  readonly onAttempt: (delivery: WebhookDelivery, attempt: WebhookAttempt) => void;
  /** Told of every attempt while it is on its way. */
  readonly track: (work: Promise<void>) => Promise<void>;
}

const defaultPatienceMs = 10_000;

/** Sends the first time: as many copies as the faults say. */
export async function sendFirst(delivery: RunningDelivery, sending: Sending): Promise<void> {
  for (let copy = 0; copy < (sending.faults.copies ?? 1); copy += 1) await sendOnce(delivery, sending);
}

/** Sends again by the provider's schedule until it is acknowledged, the schedule ends or the simulator is closed. */
export async function sendAgain(delivery: RunningDelivery, sending: Sending): Promise<void> {
  const { webhooks, sender } = sending;
  for (const pause of webhooks.retries?.pauses ?? []) {
    if (delivery.state === "acknowledged") return;
    delivery.state = "waiting";
    await sender.clock.wait(toMs(pause), sender.closed);
    if (sender.closed.aborted) return;
    await sendOnce(delivery, sending);
  }
  if (delivery.state !== "acknowledged") delivery.state = "given-up";
}

/** One attempt. A delivery that was acknowledged once stays so, whatever a further copy meets. */
export function sendOnce(delivery: RunningDelivery, sending: Sending): Promise<void> {
  return sending.track(makeAttempt(delivery, sending));
}

async function makeAttempt(delivery: RunningDelivery, { webhooks, endpoint, sender, faults, onAttempt }: Sending): Promise<void> {
  const before = delivery.state;
  delivery.state = "sending";
  const patienceMs = webhooks.retries === undefined ? defaultPatienceMs : toMs(webhooks.retries.timeout);
  const dropped = delivery.attempts.length < (faults.drops ?? 0);
  const result: WebhookAttempt = dropped
    ? { at: sender.clock.now(), tookMs: 0, outcome: "dropped" }
    : await attempt(webhooks, delivery.event, endpoint, patienceMs, sender);
  delivery.attempts.push(result);
  if (before === "acknowledged" || result.outcome === "acknowledged") delivery.state = "acknowledged";
  else if (before === "given-up") delivery.state = before;
  onAttempt(delivery, result);
}
