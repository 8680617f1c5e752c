import type { ParsedLimit, SharedBudget } from "@belay/sdk/http";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BusyConnection, LimitedMailboxes } from "./__fixtures__/limited-mailboxes.ts";
import { Rows } from "./__fixtures__/limited-worker.ts";
import { StrictProvider } from "./__fixtures__/strict-provider.ts";
import { VirtualTime } from "./__fixtures__/virtual-time.ts";

/*
 * Mailboxes that never run empty wait for limits: what is allowed has to be used although a mailbox brings more calls than there is room for, waits for all of them as one, and is
 * worked on by one worker after another.
 */

interface Scene {
  readonly connections: number;
  /** Each has a limit of its own; otherwise they share one. */
  readonly apart: boolean;
  readonly kind: "sliding" | "fixed";
  readonly requests: number;
  readonly perMs: number;
  readonly messages: number;
  readonly lateMs?: number;
  readonly seed?: number;
  readonly forMs?: number;
}

async function play(scene: Scene) {
  const { connections, apart, kind, requests, perMs, messages, lateMs = 0, seed = 11, forMs = Math.max(60_000, perMs * 12) + 500 } = scene;
  const time = new VirtualTime();
  const rows = new Rows(time);
  let state = seed;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const limits: ParsedLimit[] = [{ requests, perMs, concurrent: Number.POSITIVE_INFINITY }];
  const providerOf = (): StrictProvider => new StrictProvider({ kind, requests, perMs, skewMs: 2_000, phaseMs: 0 });
  const shared = providerOf();
  const busy = Array.from({ length: connections }, (_, index): BusyConnection => {
    const own: SharedBudget = { key: `connection:c${index}`, tenant: "t", limits };
    const app: SharedBudget = { key: "app:desk", tenant: "", limits };
    return { id: `c${index}`, budget: apart ? own : app, provider: apart ? providerOf() : shared };
  });
  const mailboxes = new LimitedMailboxes({ time, rows, random, connections: busy, workers: 4, messages, lateMs });
  const started = time.now();
  mailboxes.start();
  await time.runUntil(started + forMs);
  const providers = [...new Set(busy.map(({ provider }) => provider))];
  const used = providers.map((provider) => provider.utilisation(started + perMs, started + forMs));
  return {
    overshoot: Math.max(...providers.map((provider) => provider.overshoot())),
    used: used.reduce((sum, each) => sum + each, 0) / used.length,
  };
}

const ten = { requests: 10, perMs: 10_000, kind: "sliding", apart: true, connections: 10 } as const;
const many = { requests: 200, perMs: 10_000, kind: "sliding", apart: false } as const;
const short = { requests: 60, perMs: 2_000, kind: "fixed", apart: false, connections: 25 } as const;

test.each([
  ["each by a limit of its own", { ...ten, messages: 8 }, 0.95],
  ["each by a limit of its own, with many calls at once", { ...ten, messages: 40 }, 0.95],
  ["each by a larger one of its own", { ...ten, connections: 5, requests: 100, kind: "fixed", messages: 40 }, 0.95],
  ["all by one", { ...many, connections: 25, messages: 16 }, 0.95],
  ["all by one, with few calls each", { ...many, connections: 100, messages: 4 }, 0.95],
  ["all by one in short windows", { ...short, messages: 16 }, 0.9],
  ["each by a limit of its own, on a machine that is late", { ...ten, messages: 8, lateMs: 100 }, 0.95],
  ["all by one in short windows, on a machine that is late", { ...short, messages: 16, lateMs: 50 }, 0.9],
] as const)("busy mailboxes, held back %s, use what they are allowed: %o", async (_, scene, least) => {
  const { overshoot, used } = await play(scene);
  expect(overshoot).toBe(0);
  expect(used).toBeGreaterThanOrEqual(least);
});

test("no window holds more than is allowed, whoever is told what when, and however late the machine is", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        connections: fc.integer({ min: 1, max: 12 }),
        apart: fc.boolean(),
        kind: fc.constantFrom("sliding", "fixed"),
        requests: fc.integer({ min: 1, max: 60 }),
        perMs: fc.constantFrom(500, 2_000, 10_000),
        messages: fc.integer({ min: 1, max: 20 }),
        lateMs: fc.constantFrom(0, 20, 300, 2_000),
        seed: fc.nat(),
        forMs: fc.constant(21_000),
      }),
      async (scene) => {
        expect((await play(scene)).overshoot).toBe(0);
      },
    ),
    { numRuns: 10 },
  );
});
