import { seededRandom, seedFor } from "@belay/testkit";
import { Dice } from "./dice.ts";
import {
  type Action,
  databaseFaults,
  deliveryFaults,
  type History,
  type RequestFault,
  requestFaults,
  type Setting,
  type SourceName,
  type Step,
  type TargetName,
  tenantNames,
} from "./steps.ts";

/** Events and faults are spread over this time, ms. */
const spreadMs = 40_000;

/** Draws a history. The same seed gives the same one. */
export function drawHistory(seed: number): History {
  const dice = new Dice(seededRandom(seedFor(seed, "history")));
  const setting: Setting = {
    processes: dice.chance(0.7) ? 2 : 1,
    requestsPer10s: dice.chance(0.2) ? dice.between(3, 6) : undefined,
    skewMs: [0, dice.between(-400, 400)],
  };
  const events = drawEvents(dice);
  const times = events.map(({ atMs }) => atMs);
  const timed = [...events, ...drawFaults(dice, setting, times)].toSorted((a, b) => a.atMs - b.atMs);
  return { seed, setting, steps: timed.map((step, number): Step => ({ ...step, number })) };
}

/** How much closer everything comes in a history of races. */
const raceFactor = 10;

/** The same seed's history for two processes that are always in each other's way. */
export function drawRaces(seed: number): History {
  const { setting, steps } = drawHistory(seed);
  const close = steps.map((step) => ({ ...step, atMs: Math.round(step.atMs / raceFactor) }));
  return { seed, setting: { ...setting, processes: 2 }, steps: close };
}

type Timed = Action & { readonly atMs: number };

/** A few entities with a few versions each, close to each other: neighbours overtake each other, and some come again. */
function drawEvents(dice: Dice): Timed[] {
  const entities = dice.between(3, 5);
  return Array.from({ length: entities }, (_, entity) => {
    const tenant = dice.pick(tenantNames);
    const source: SourceName = dice.pick(["github", "stripe"]);
    const versions = dice.between(2, 4);
    const refused = dice.chance(0.15) ? dice.between(1, versions) : 0;
    const startMs = dice.between(0, spreadMs / 2);
    const pauseMs = dice.pick([0, 20, 500, 4_000]);
    return Array.from({ length: versions }, (_unused, index): Timed[] => {
      const version = index + 1;
      const event = { kind: "event", tenant, source, entity, version, refused: version === refused } as const;
      const atMs = Math.max(0, startMs + index * pauseMs + dice.between(-1, 1) * dice.between(0, pauseMs));
      const copies = dice.chance(0.2) ? dice.between(1, 2) : 0;
      return [
        { ...event, copy: 0, atMs },
        ...Array.from({ length: copies }, (_copy, copy): Timed => ({
          ...event,
          copy: copy + 1,
          atMs: atMs + dice.pick([0, 1, 300, 9_000]),
        })),
      ];
    }).flat();
  }).flat();
}

/**
 * How often each kind is drawn. A standstill may let a lease run out while a request is under way; one that is slow as well could land after the writes of
 * whoever took over, which nothing can prevent without the provider's help. So no history has both.
 */
function drawFaults(dice: Dice, setting: Setting, eventTimes: readonly number[]): Timed[] {
  const losesLeases = dice.chance(0.6);
  const kinds: (() => Action)[] = [
    ...repeat(6, () => ({ kind: "request-fault" as const, what: pickRequestFault(dice, losesLeases), skip: dice.between(0, 4) })),
    ...repeat(1, () => outage(dice)),
    ...repeat(1, () => ({ kind: "token-loss" as const, ...account(dice), forMs: dice.between(500, 15_000) })),
    ...repeat(2, () => ({ kind: "delivery-fault" as const, what: dice.pick(deliveryFaults), skip: dice.between(0, 3) })),
    ...repeat(3, () => ({
      kind: "database-fault" as const,
      process: process(),
      what: dice.pick(databaseFaults),
      skip: dice.between(0, 14),
    })),
    ...repeat(1, () => jump(dice, process(), losesLeases)),
    ...repeat(1, () => ({ kind: "deployment" as const, process: process() })),
    ...(losesLeases
      ? repeat(5, () => ({ kind: "crash" as const, process: process(), skip: dice.between(0, 30), downMs: dice.pick([10, 1_000, 8_000]) }))
      : []),
    ...(losesLeases
      ? repeat(5, () => ({
          kind: "standstill" as const,
          process: process(),
          skip: dice.between(0, 30),
          forMs: dice.pick([3_000, 22_000, 30_000]),
        }))
      : []),
  ];
  const process = (): number => dice.between(0, setting.processes - 1);
  // Just before or after an event, while there is something to be hit.
  return Array.from({ length: dice.between(2, 7) }, () => ({
    ...dice.pick(kinds)(),
    atMs: Math.max(0, dice.pick(eventTimes) + dice.between(-20, 100)),
  }));
}

function pickRequestFault(dice: Dice, losesLeases: boolean): RequestFault {
  return dice.pick(losesLeases ? requestFaults.filter((fault) => fault !== "slow") : requestFaults);
}

function outage(dice: Dice): Action {
  return { kind: "outage", ...account(dice), forMs: dice.between(1_000, 30_000), as: dice.pick(["unavailable", "refused"]) };
}

/** The database's clock alone never runs ahead where a lease may run out: its holder could not know. */
function jump(dice: Dice, process: number, losesLeases: boolean): Action {
  const clock = dice.pick(["all", "database", "process"] as const);
  const byMs = {
    all: () => dice.pick([-800, 5_000, 60_000, 3 * 3_600_000]),
    database: () => (losesLeases ? -800 : dice.pick([-800, 3_000])),
    process: () => dice.between(-500, 2_000),
  };
  return { kind: "clock-jump", clock, process, byMs: byMs[clock]() };
}

function account(dice: Dice): { readonly tenant: (typeof tenantNames)[number]; readonly target: TargetName } {
  return { tenant: dice.pick(tenantNames), target: dice.pick(["zendesk", "hubspot"]) };
}

function repeat<Item>(times: number, item: Item): Item[] {
  return Array.from({ length: times }, () => item);
}
