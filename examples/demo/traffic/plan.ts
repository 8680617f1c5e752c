import { seedFor, seededRandom } from "@belay/testkit";
import { forged, honest, malformed, misdirected, stale } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { pick } from "./source.ts";
import type { Source } from "./source.ts";

/** A delivery and when it is sent, from 0 (the beginning) to 1 (the end of the traffic). */
export interface PlannedDelivery {
  readonly at: number;
  readonly delivery: Delivery;
}

/** The full size, per source. */
const full = { entities: 64, unheard: 350, forged: 66, stale: 24, malformed: 42, misdirected: 4 };
const repeatedShare = 0.15;
/** Of every so many entities one has a version that its target refuses. */
const blockedEvery = 8;

/**
 * Plans what the sources send: every event at least once, about 15 % twice, neighbouring versions often in the wrong order, and
 * among it what must not be believed. The same seed plans the same.
 *
 * @param scale 1 for the full size of a little over 3,000 deliveries from four sources.
 */
export function planTraffic(seed: number, sources: readonly Source[], scale: number): readonly PlannedDelivery[] {
  const plan = sources.flatMap((source) => {
    const random = seededRandom(seedFor(seed, `traffic/${source.connector}/${source.tenant}`));
    const amount = (name: keyof typeof full): readonly number[] =>
      Array.from({ length: Math.ceil(full[name] * scale) }, (_, index) => index + 1);
    const entities = amount("entities");

    const genuine = entities.flatMap((entity) => versionsOf(source, entity, random));
    const unheard = amount("unheard").map((index) => ({ at: random(), delivery: honest("unheard", source, source.unheard(index)) }));
    const repeated = [...genuine, ...unheard]
      .filter(() => random() < repeatedShare)
      .map((original, index) => repeat(source, original, index, random));

    // A version beyond the last makes it show at the target if one of these is believed. Each is another: two of the same bytes
    // would be a duplicate, and rightly so.
    let unsentVersion = 100;
    const unsent = () => source.event(pick(random, entities), (unsentVersion += 1));
    const spoilt: Delivery[] = [
      ...amount("forged").map((index) => forged(source, unsent(), index)),
      ...(source.connector === "stripe" ? amount("stale").map(() => stale(source, unsent())) : []),
      ...amount("malformed").map((index) => malformed(source, unsent(), index)),
      ...amount("misdirected").map(() => misdirected(source, unsent())),
    ];
    return [...genuine, ...unheard, ...repeated, ...spoilt.map((delivery) => ({ at: random(), delivery }))];
  });
  return plan.toSorted((a, b) => a.at - b.at);
}

/** Two to five versions of one entity, close enough that they overtake each other. */
function versionsOf(source: Source, entity: number, random: () => number): readonly PlannedDelivery[] {
  const versions = 2 + (entity % 4);
  const start = random() * 0.85;
  const blocked = entity % blockedEvery === 4 ? 1 + Math.floor(random() * versions) : undefined;
  return Array.from({ length: versions }, (_, index) => ({
    at: start + index * 0.03 + (random() - 0.5) * 0.05,
    delivery: honest("genuine", source, source.event(entity, index + 1, index + 1 === blocked)),
  }));
}

/** Sends an event again, soon or at the same moment; GitHub's sometimes under a new delivery id, as when somebody captured it. */
function repeat(source: Source, { at, delivery }: PlannedDelivery, index: number, random: () => number): PlannedDelivery {
  const captured = source.connector === "github" && index % 5 === 0;
  const event = captured ? { ...delivery.event, id: `${delivery.event.id.slice(0, -8)}${String(index).padStart(8, "0")}` } : delivery.event;
  return { at: index % 4 === 0 ? at : at + random() * 0.1, delivery: honest("repeated", source, event) };
}
