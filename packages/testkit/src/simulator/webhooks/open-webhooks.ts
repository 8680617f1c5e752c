import type { ConnectorDefinition, Fields, RecordChange, Webhooks } from "@belay/sdk";
import type { SimulatorClock } from "../clock.ts";
import { seededRandom, seedFor } from "../random.ts";
import type { Random } from "../random.ts";
import type { StoredRecord, Write } from "../store.ts";
import { actOut } from "./act-out.ts";
import type { RecordKeeper, Records } from "./act-out.ts";
import type { WebhookAttempt, WebhookEndpoint } from "./attempt.ts";
import { composeEvent } from "./compose-event.ts";
import type { Happening, WebhookEvent } from "./compose-event.ts";
import { drawDeliveryFaults } from "./delivery-faults.ts";
import type { DeliveryFaults, DeliveryRates } from "./delivery-faults.ts";
import type { JsonObject } from "../generate/json.ts";
import { createOutbox } from "./outbox.ts";
import type { Outbox } from "./outbox.ts";
import { pick } from "../generate/plausible-text.ts";
import type { WebhookDelivery } from "./send-event.ts";
import { keepThings } from "./things.ts";
import type { Things } from "./things.ts";

export interface SendOptions {
  /** Laid over the payload that is made up, object by object. A payload that no longer fits the schema is sent as it is. */
  readonly payload?: JsonObject;
  /** What befalls the deliveries. Default: drawn by the rates. */
  readonly faults?: DeliveryFaults;
}

/** The webhooks of a simulated provider. Events are numbered per account and seed: the same calls make the same events. */
export interface SimulatedWebhooks {
  /** Sends an account's events to `endpoint` from now on, one after another in the order in which they happen. */
  subscribe(account: string, endpoint: WebhookEndpoint): void;
  /**
   * Lets something happen in an account, and tells its endpoints: what the event tells of is written at the provider too, where the
   * connector declares it as a resource. Resolves with the event while deliveries go on.
   *
   * @param type Is sent as it is. Of several, chance picks one, and what nobody has heard of yet is created first. Default: all.
   * @throws TypeError when the connector has no such event, or it cannot be made up.
   */
  send(account: string, type?: string | readonly string[], options?: SendOptions): Promise<WebhookEvent>;
  /** Sends an event again, as somebody does by hand at the provider. Resolves when the attempts have ended. @throws TypeError for an unknown id. */
  redeliver(eventId: string): Promise<void>;
  /** What was sent to whom, oldest first. */
  deliveries(account?: string): readonly WebhookDelivery[];
  /**
   * Resolves when nothing is on its way any more: attempts have been answered, further ones are due later if at all.
   *
   * @throws TypeError when a write should have caused an event that could not be made up.
   */
  settled(): Promise<void>;
  /** Replaces the rates of the deliveries to come. */
  setFaults(rates: DeliveryRates, account?: string): void;
}

export interface WebhooksOptions {
  readonly connector: ConnectorDefinition;
  readonly accounts: readonly string[];
  readonly seed: number;
  readonly clock: SimulatorClock;
  readonly fetch: typeof globalThis.fetch;
  readonly rates: DeliveryRates;
  readonly keeper: RecordKeeper;
  readonly onAttempt: (delivery: WebhookDelivery, attempt: WebhookAttempt) => void;
}

/** What the simulator itself needs besides. */
export interface OpenWebhooks extends SimulatedWebhooks {
  /** Tells of a committed write, where the connector declares that it causes an event. */
  tell(record: StoredRecord, write: Write, before: Fields | undefined): void;
  /** Does a write of which nobody is told. */
  quietly<T>(write: () => T): T;
  /** Ends all deliveries. */
  close(): Promise<void>;
}

interface AccountSender {
  readonly webhooks: Webhooks;
  readonly outbox: Outbox;
  readonly random: Random;
  readonly things: Things;
  readonly records: Records;
  rates: DeliveryRates;
}

export function openWebhooks(options: WebhooksOptions): OpenWebhooks {
  const { connector, clock, keeper } = options;
  const { webhooks } = connector;
  const closing = new AbortController();
  const telling = new Set<Promise<unknown>>();
  const troubles: TypeError[] = [];
  // True while a write is made of which nobody shall be told, or is told in any case.
  let quiet = false;
  const quietly = <T>(write: () => T): T => {
    quiet = true;
    try {
      return write();
    } finally {
      quiet = false;
    }
  };
  const senders = new Map(webhooks && options.accounts.map((account) => [account, openSender(options, webhooks, account, closing.signal)]));

  const senderOf = (account: string): AccountSender => {
    const sender = senders.get(account);
    if (sender !== undefined) return sender;
    throw new TypeError(
      webhooks === undefined
        ? `Connector "${connector.id}" declares no webhooks.`
        : `The simulator of "${connector.id}" has no account "${account}"; it has ${options.accounts.join(", ")}.`,
    );
  };
  const chosen = (account: string | undefined): readonly AccountSender[] =>
    account === undefined ? [...senders.values()] : [senderOf(account)];

  const sayingOf = (type: string, change: RecordChange): Readonly<Record<string, unknown>> =>
    connector.simulator?.events?.[type]?.(change) ?? {};

  const happen = (
    account: string,
    happening: Pick<Happening, "type" | "change" | "thing" | "record" | "says" | "payload">,
    faults?: DeliveryFaults,
  ): Promise<WebhookEvent> => {
    const sender = senderOf(account);
    const befalling = drawDeliveryFaults(sender.random, sender.rates);
    // Drawn before anything is awaited, so that the order of the calls decides alone.
    const random = seededRandom(Math.floor(sender.random() * 2 ** 32));
    const event = composeEvent(sender.webhooks, { ...happening, account, now: new Date(clock.now()), random });
    sender.outbox.enqueue(event, faults ?? befalling);
    return event;
  };

  return {
    subscribe: (account, endpoint) => senderOf(account).outbox.subscribe(endpoint),
    async send(account, type, { payload, faults } = {}) {
      const { things, records, random, webhooks: declared } = senderOf(account);
      const asked = typeof type === "string" ? type : pick(random, type ?? Object.keys(declared.events));
      const next = things.next(asked, clock.now());
      const named = typeof type === "string" ? { ...next, type } : next;
      const before = records.get(next.thing.number)?.body;
      const record = quietly(() =>
        actOut(connector, account, declared.subjects?.[named.type], { ...named, now: new Date(clock.now()) }, { keeper, records }),
      );
      const says = record && sayingOf(named.type, { operation: named.change, before, after: record.body });
      return happen(account, { ...named, ...(record && { record }), ...(says && { says }), ...(payload && { payload }) }, faults);
    },
    async redeliver(eventId) {
      let count = 0;
      for (const { outbox } of senders.values()) count += await outbox.redeliver(eventId);
      if (count === 0) throw new TypeError(`The simulator of "${connector.id}" has sent no event "${eventId}" to anybody.`);
    },
    deliveries: (account) =>
      chosen(account)
        .flatMap(({ outbox }) => outbox.deliveries())
        .toSorted((a, b) => a.event.at - b.event.at),
    async settled() {
      await Promise.all(telling);
      for (const { outbox } of senders.values()) await outbox.settled();
      const [trouble] = troubles.splice(0);
      if (trouble !== undefined) throw trouble;
    },
    setFaults: (rates, account) => chosen(account).forEach((sender) => (sender.rates = rates)),
    quietly,
    tell(record, write, before) {
      if (quiet) return;
      for (const [type, { resource, causedBy }] of Object.entries(webhooks?.subjects ?? {})) {
        if (!write.changed || resource !== write.resource || causedBy?.[write.operation] === undefined) continue;
        const seed = seedFor(options.seed, `${write.account}/${write.resource}/${write.recordId}`);
        const thing = { number: seed % 900_000, seed, createdAt: record.writes[0]?.at ?? write.at, version: record.writes.length };
        const told: Promise<unknown> = happen(write.account, {
          type,
          change: write.operation,
          thing,
          record: { body: record.body, place: record.place },
          says: sayingOf(type, { operation: write.operation, before, after: record.body }),
        })
          // Nobody waits for it here; `settled` tells.
          .catch(
            (error: unknown) =>
              void troubles.push(error instanceof TypeError ? error : new TypeError("No event could be made.", { cause: error })),
          )
          .finally(() => telling.delete(told));
        telling.add(told);
      }
    },
    async close() {
      closing.abort();
      await Promise.all(telling);
      for (const { outbox } of senders.values()) await outbox.settled();
    },
  };
}

function openSender(
  { connector, seed, clock, fetch, rates, onAttempt }: WebhooksOptions,
  webhooks: Webhooks,
  account: string,
  closed: AbortSignal,
): AccountSender {
  const own = seedFor(seed, `${connector.id}/${account}/webhooks`);
  const random = seededRandom(own);
  return {
    webhooks,
    random,
    rates,
    records: new Map(),
    things: keepThings(webhooks, own, random),
    outbox: createOutbox({ webhooks, sender: { clock, fetch, closed, headers: connector.simulator?.webhookHeaders ?? {} }, onAttempt }),
  };
}
