import { Lurking } from "./lurking.ts";
import type { Observer } from "./observer.ts";
import { makeEvent, type SourceEvent } from "./source-events.ts";
import type { DeliveryFault, Step } from "./steps.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { KernelProcess } from "./kernel-process.ts";
import type { World } from "./world.ts";

/** How long a source waits for an answer before it sends again, ms. */
const answerWithinMs = 10_000;
const againAfterMs = 3_000;
const mostAttempts = 60;
const longestWayMs = 20;

interface Delivery {
  readonly event: SourceEvent;
  /** Sendings of it are spread over the processes, beginning with this one. */
  readonly first: number;
  attempts: number;
  over: boolean;
}

/** The sources: they send each event until it is acknowledged, and remember what they were told. */
export class Deliveries {
  readonly faults = new Lurking<DeliveryFault>();
  /** Everything that was sent at least once. */
  readonly sent = new Map<string, SourceEvent>();
  readonly acknowledged = new Map<string, SourceEvent>();
  /** What was not acknowledged and should have been, in words. */
  readonly refusals: string[] = [];
  attempts = 0;
  struck = 0;
  #open = 0;
  readonly #world: World<KernelProcess>;
  readonly #time: VirtualTime;
  readonly #observer: Observer;
  readonly #random: () => number;

  constructor(world: World<KernelProcess>, time: VirtualTime, observer: Observer, random: () => number) {
    this.#world = world;
    this.#time = time;
    this.#observer = observer;
    this.#random = random;
  }

  /** Deliveries that are not acknowledged yet. */
  get open(): number {
    return this.#open;
  }

  send({ tenant, source, entity, version, refused, copy }: Extract<Step, { kind: "event" }>): void {
    const event = makeEvent(tenant, source, entity, version, refused);
    this.sent.set(keyOf(event), event);
    this.#open += 1;
    this.#attempt({ event, first: entity + version + copy, attempts: 0, over: false });
  }

  #attempt(delivery: Delivery): void {
    const { event, first } = delivery;
    this.attempts += 1;
    delivery.attempts += 1;
    const attempt = delivery.attempts;
    const again = (afterMs: number): void => {
      this.#time.after(afterMs, undefined, () => {
        if (delivery.over || attempt !== delivery.attempts) return;
        if (attempt < mostAttempts) this.#attempt(delivery);
        else this.#close(delivery, `${event.id} was sent ${attempt} times and never acknowledged`);
      });
    };
    const fault = this.faults.strike();
    if (fault !== undefined) this.struck += 1;
    const listener = this.#world.listener(first + attempt - 1);
    this.#observer.note(this.#time.now, event.source, `sends ${event.id}`, [fault ?? "", listener?.passenger.name ?? "nobody listens"]);
    if (listener === undefined) return again(againAfterMs);
    again(answerWithinMs);
    if (fault === "never-arrives") return;
    this.#time.after(this.#random() * longestWayMs, listener.passenger, async () => {
      // Its end is waited for by nobody here: the process may die meanwhile.
      listener.process.receive(event, this.#world.clocks.worldMs()).then(
        (answer) => this.#time.after(this.#random() * longestWayMs, undefined, () => this.#hear(delivery, answer, fault)),
        (error: unknown) => this.#close(delivery, `${event.id} was answered with a crash: ${String(error)}`),
      );
    });
  }

  #hear(delivery: Delivery, answer: string, fault: DeliveryFault | undefined): void {
    const { event } = delivery;
    this.#observer.note(this.#time.now, event.source, `is told of ${event.id}: ${answer}`, fault ?? "");
    if (fault === "answer-lost" || answer.startsWith("unavailable")) return;
    const believed = answer === "accepted" || answer === "duplicate";
    if (believed) this.acknowledged.set(keyOf(event), event);
    this.#close(delivery, believed ? undefined : `${event.id} is genuine and was answered with "${answer}"`);
  }

  #close(delivery: Delivery, refusal: string | undefined): void {
    if (delivery.over) return;
    delivery.over = true;
    this.#open -= 1;
    if (refusal !== undefined) this.refusals.push(refusal);
  }
}

function keyOf({ tenant, source, id }: SourceEvent): string {
  return `${tenant}/${source}/${id}`;
}
