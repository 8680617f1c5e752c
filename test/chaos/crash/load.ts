import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import type { Sent } from "./check-history.ts";
import { pick } from "./random.ts";
import { endpointOf, eventId, kinds, type Kind, type SourceEvent, webhookSecret } from "./source-event.ts";

export interface LoadOptions {
  /** Where events can be sent to; each attempt goes to any of them. */
  readonly ports: readonly number[];
  readonly tenants: number;
  /** Order keys of each tenant and target. */
  readonly keys: number;
  readonly eventsPerSecond: number;
  readonly random: () => number;
  /** True while there is too much unfinished work already. */
  readonly isFull: () => boolean;
  readonly onSurprise: (what: string) => void;
}

type Sending = { -readonly [Name in keyof Sent]: Sent[Name] };

interface Line {
  readonly tenant: string;
  readonly kind: Kind;
  readonly key: string;
}

const signature = hmacSignature({ header: "x-chaos-signature", prefix: "sha256=" });
const secret = new Secret(webhookSecret);
const answerTimeoutMs = 15_000;
/** Out of 1,000: an acknowledged event is delivered once more. */
const redeliveries = 20;

/**
 * Sends events: for each order key one after the other, the next only after the one before was acknowledged; different keys side by side. What was not
 * acknowledged is sent again as it was, for as long as it takes.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #sent: Sending[] = [];
  readonly #lines: Promise<void>;
  #stopping = false;
  #aborted = false;
  #nextAt = Date.now();
  acknowledged = 0;
  /** Answers other than 202, and requests without an answer. */
  refusals = 0;
  redelivered = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    const tenants = Array.from({ length: options.tenants }, (_, index) => `t${index}`);
    const lines = tenants.flatMap((tenant) =>
      kinds.flatMap((kind) => Array.from({ length: options.keys }, (_, index): Line => ({ tenant, kind, key: `${tenant}-k${index}` }))),
    );
    this.#lines = Promise.all(lines.map((line) => this.#run(line))).then(() => {});
  }

  get sent(): readonly Sent[] {
    return this.#sent;
  }

  /** Sends nothing new; resolves when everything sent was acknowledged, or after `graceMs`. */
  async stop(graceMs = 30_000): Promise<void> {
    this.#stopping = true;
    const timer = setTimeout(() => {
      this.#aborted = true;
      this.#agent.destroy();
    }, graceMs);
    await this.#lines;
    clearTimeout(timer);
    this.#agent.destroy();
  }

  async #run(line: Line): Promise<void> {
    for (const sequence of sequences(line.kind, this.#options.random)) {
      await this.#turn();
      if (this.#stopping) return;
      await this.#deliver(line, sequence);
    }
  }

  async #deliver({ tenant, kind, key }: Line, sequence: number): Promise<void> {
    const event: SourceEvent = { id: eventId({ type: kind, key, sequence }), type: kind, key, sequence };
    const record: Sending = { id: event.id, kind, key, sequence, ackedAt: null };
    this.#sent.push(record);
    const body = Buffer.from(JSON.stringify(event));
    for (let failures = 0; !this.#aborted; failures += 1) {
      const status = await this.#post(endpointOf(tenant), body);
      if (status === 202) {
        record.ackedAt = Date.now();
        this.acknowledged += 1;
        break;
      }
      this.refusals += 1;
      if (status !== undefined && status < 500 && status !== 429) this.#options.onSurprise(`${event.id} was answered ${status}`);
      await pause(Math.min(1_000, 50 * 2 ** Math.min(failures, 5)) * (0.5 + this.#options.random()));
    }
    if (this.#options.random() * 1_000 < redeliveries && !this.#aborted) {
      this.redelivered += 1;
      await this.#post(endpointOf(tenant), body);
    }
  }

  /** The answer's status; undefined when there was none. */
  #post(endpoint: string, body: Buffer): Promise<number | undefined> {
    const headers = {
      ...signature.sign(body, secret, new Date(), ""),
      "content-type": "application/json",
      "content-length": body.byteLength,
    };
    return new Promise((resolve) => {
      const call = request({
        host: "127.0.0.1",
        port: pick(this.#options.ports, this.#options.random),
        path: `/in/${endpoint}`,
        method: "POST",
        agent: this.#agent,
        headers,
      });
      call.setTimeout(answerTimeoutMs, () => call.destroy());
      call.on("response", (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode));
        response.on("close", () => resolve(undefined));
      });
      call.on("error", () => resolve(undefined));
      call.end(body);
    });
  }

  /** Spreads what is sent over time. */
  async #turn(): Promise<void> {
    const gapMs = 1_000 / this.#options.eventsPerSecond;
    const now = Date.now();
    // What could not be sent in time is not caught up in one burst.
    this.#nextAt = Math.max(this.#nextAt + gapMs, now - 500);
    if (this.#nextAt > now) await pause(this.#nextAt - now);
    while (this.#options.isFull() && !this.#stopping) await pause(50);
  }
}

/** 1, 2, 3 …; versions of state come slightly out of order: 1, 3, 2, 4 … */
function* sequences(kind: Kind, random: () => number): Generator<number> {
  for (let next = 1; ; next += 1) {
    if (kind === "board" && random() < 0.2) {
      yield next + 1;
      yield next;
      next += 1;
    } else yield next;
  }
}
