import type { Webhooks } from "@belay/sdk";
import type { Sender, WebhookAttempt, WebhookEndpoint } from "./attempt.ts";
import type { WebhookEvent } from "./compose-event.ts";
import type { DeliveryFaults } from "./delivery-faults.ts";
import { sendAgain, sendFirst, sendOnce } from "./send-event.ts";
import type { RunningDelivery, Sending, WebhookDelivery } from "./send-event.ts";

/** What one account sends, and to whom. */
export interface Outbox {
  subscribe(endpoint: WebhookEndpoint): void;
  /** Sends the event, once it is there, to all endpoints that want it; in the order of the calls unless `faults` says otherwise. */
  enqueue(event: Promise<WebhookEvent>, faults: DeliveryFaults): void;
  /** One more attempt at every endpoint that was to get the event; resolves with how many there were. */
  redeliver(eventId: string): Promise<number>;
  deliveries(): readonly WebhookDelivery[];
  /** Resolves when no attempt is on its way or about to begin. */
  settled(): Promise<void>;
}

export interface OutboxOptions {
  readonly webhooks: Webhooks;
  readonly sender: Sender;
  readonly onAttempt: (delivery: WebhookDelivery, attempt: WebhookAttempt) => void;
}

/** One endpoint's line of events. */
interface Line {
  readonly endpoint: WebhookEndpoint;
  /** Ends when everything before has been sent for the first time. */
  tail: Promise<void>;
  /** Lets go of what waits to be overtaken. */
  overtake: AbortController;
}

const longestHoldMs = 2_000;

export function createOutbox({ webhooks, sender, onAttempt }: OutboxOptions): Outbox {
  const lines: Line[] = [];
  const sent: { readonly delivery: RunningDelivery; readonly sending: Sending }[] = [];
  const working = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    const tracked = work.finally(() => working.delete(tracked));
    working.add(tracked);
    return tracked;
  };

  const begin = (line: Line, event: WebhookEvent, faults: DeliveryFaults): (() => Promise<void>) => {
    const delivery: RunningDelivery = { event, url: line.endpoint.url, attempts: [], state: "sending" };
    const sending = { webhooks, endpoint: line.endpoint, sender, faults, onAttempt, track };
    sent.push({ delivery, sending });
    return async () => {
      if (sender.closed.aborted) return;
      await sendFirst(delivery, sending);
      // Goes on beside the line: what is sent again does not hold up what comes after it.
      void sendAgain(delivery, sending);
    };
  };

  const enqueueAt = async (line: Line, composed: Promise<WebhookEvent>, faults: DeliveryFaults): Promise<void> => {
    const event = await composed.catch(() => undefined); // whoever asked for the event is told
    const { types } = line.endpoint;
    if (event === undefined || (types !== undefined && !types.includes(event.type))) return;
    const send = begin(line, event, faults);
    if (faults.overtaken === true) {
      void track(sender.clock.wait(longestHoldMs, AbortSignal.any([line.overtake.signal, sender.closed])).then(send));
    } else if (faults.delayMs !== undefined && faults.delayMs > 0) {
      void track(sender.clock.wait(faults.delayMs, sender.closed).then(send));
    } else {
      await send();
      line.overtake.abort();
      line.overtake = new AbortController();
    }
  };

  return {
    subscribe: (endpoint) => void lines.push({ endpoint, tail: Promise.resolve(), overtake: new AbortController() }),
    enqueue(event, faults) {
      for (const line of lines) line.tail = track(line.tail.then(() => enqueueAt(line, event, faults)));
    },
    async redeliver(eventId) {
      const again = sent.filter(({ delivery }) => delivery.event.id === eventId);
      for (const { delivery, sending } of again) await sendOnce(delivery, { ...sending, faults: {} });
      return again.length;
    },
    deliveries: () => sent.map(({ delivery }) => delivery),
    async settled() {
      while (working.size > 0) await Promise.all(working);
    },
  };
}
