import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LimitedWorker, Rows } from "./__fixtures__/limited-worker.ts";
import { type Counting, StrictProvider } from "./__fixtures__/strict-provider.ts";
import { VirtualTime } from "./__fixtures__/virtual-time.ts";

/*
 * Workers with endless work share one budget at a provider that counts exactly, by a clock of its own. What holds, whatever is killed, frozen, slow or lost:
 *
 * 1. No window that the provider counts holds more than is allowed.
 * 2. While nothing fails and there is work, nearly all that is allowed is used: 95 % in windows of 10 s and more, 90 % in shorter ones, 85 % where ten or less are allowed in a second.
 * 3. What a killed or frozen worker had is used again by the others.
 */

/** Numbers that look random and are the same each time. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Fault {
  readonly worker: number;
  readonly atMs: number;
  readonly frozenMs: number | undefined;
}

interface Scene extends Counting {
  readonly workers: number;
  readonly loops: number;
  readonly cost: number;
  readonly wayMs: number;
  readonly lossShare: number;
  readonly faults: readonly Fault[];
  readonly seed: number;
  readonly forMs: number;
}

async function play(scene: Scene) {
  const time = new VirtualTime();
  const rows = new Rows(time);
  const provider = new StrictProvider(scene);
  const align = scene.kind === "by the clock" ? { align: "UTC" } : {};
  const limits = [{ requests: scene.requests, perMs: scene.perMs, concurrent: Number.POSITIVE_INFINITY, ...align }];
  const random = numbersFrom(scene.seed);
  const started = time.now();
  const start = (name: string): LimitedWorker => {
    const { cost, loops, wayMs, lossShare } = scene;
    const worker = new LimitedWorker({ time, rows, provider, random, name, limits, cost, loops, wayMs, lossShare });
    worker.start();
    return worker;
  };
  const workers = Array.from({ length: scene.workers }, (_, index) => start(`w${index}`));
  for (const [index, { worker, atMs, frozenMs }] of scene.faults.entries())
    time.plan(started + atMs, () => {
      const struck = worker % workers.length;
      if (frozenMs !== undefined) return workers[struck]?.freeze(time.now() + frozenMs);
      workers[struck]?.kill();
      workers[struck] = start(`r${index}`);
      return undefined;
    });
  await time.runUntil(started + scene.forMs);
  return { provider, rows, workers, started };
}

const faults = fc.array(
  fc.record({
    worker: fc.nat(3),
    atMs: fc.integer({ min: 0, max: 20_000 }),
    frozenMs: fc.option(fc.integer({ min: 10, max: 8_000 }), { nil: undefined }),
  }),
  { maxLength: 6 },
);

test("no window holds more than is allowed, whatever fails", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        kind: fc.constantFrom("sliding", "fixed", "by the clock"),
        requests: fc.integer({ min: 1, max: 60 }),
        perMs: fc.constantFrom(500, 1_000, 2_000, 10_000, 20_000),
        skewMs: fc.integer({ min: -2_000, max: 2_000 }),
        phaseMs: fc.nat(10_000),
        workers: fc.integer({ min: 1, max: 4 }),
        loops: fc.integer({ min: 1, max: 12 }),
        cost: fc.constantFrom(1, 1, 3),
        wayMs: fc.constantFrom(1, 20, 300),
        lossShare: fc.constantFrom(0, 0, 0.2),
        seed: fc.nat(),
        faults,
        forMs: fc.constant(45_000),
      }),
      async (scene) => {
        const { provider } = await play({ ...scene, cost: Math.min(scene.cost, scene.requests) });
        expect(provider.overshoot()).toBe(0);
      },
    ),
    { numRuns: 25 },
  );
});

describe("while there is work, what is allowed is used", () => {
  const calm = { skewMs: 1_700, phaseMs: 300, workers: 4, cost: 1, wayMs: 3, lossShare: 0, faults: [], seed: 7 };
  test.each([
    ["sliding", 100, 10_000, 8, 0.95],
    ["fixed", 100, 10_000, 8, 0.95],
    ["sliding", 2_000, 60_000, 8, 0.95],
    // So few at once leave little to even out: each is waited for by itself.
    ["sliding", 10, 1_000, 8, 0.85],
    ["sliding", 100, 1_000, 30, 0.9],
    ["sliding", 40, 2_000, 8, 0.9],
    ["by the clock", 200, 20_000, 8, 0.95],
  ] as const)("%s windows, %i in %i ms, %i calls at once: at least %d", async (kind, requests, perMs, loops, least) => {
    // Work comes in bursts, one for each window: of few windows the last would decide.
    const forMs = Math.max(perMs * 6, 30_000) + 1_000;
    const { provider, started } = await play({ ...calm, kind, requests, perMs, loops, forMs });
    expect(provider.overshoot()).toBe(0);
    // Whole windows after the first, in which everybody begins at once.
    const from = kind === "by the clock" ? Math.ceil(started / perMs + 1) * perMs : started + perMs;
    const windows = Math.floor((started + forMs - from) / perMs);
    expect(provider.utilisation(from, from + windows * perMs)).toBeGreaterThanOrEqual(least);
  });

  test("also by the others after a worker was killed and one has frozen", async () => {
    const scene = { ...calm, kind: "sliding", requests: 100, perMs: 10_000, loops: 8 } as const;
    const struck = [
      { worker: 0, atMs: 5_000, frozenMs: 60_000 },
      { worker: 1, atMs: 5_100, frozenMs: undefined },
    ];
    const { provider, started } = await play({ ...scene, faults: struck, forMs: 60_000 });
    expect(provider.overshoot()).toBe(0);
    expect(provider.utilisation(started + 30_000, started + 60_000)).toBeGreaterThanOrEqual(0.95);
  });
});

test("calls of a busy connection are spent from blocks: questions are few beside them", async () => {
  const scene = { kind: "sliding", requests: 5_000, perMs: 10_000, skewMs: 0, phaseMs: 0, workers: 2, loops: 20, cost: 1 } as const;
  const { rows, workers } = await play({ ...scene, wayMs: 3, lossShare: 0, faults: [], seed: 3, forMs: 10_000 });
  const sent = workers.reduce((sum, worker) => sum + worker.sent, 0);
  expect(sent).toBeGreaterThan(3_000);
  expect(rows.asks).toBeLessThan(sent / 5);
});
