import type { ParsedLimit } from "@belay/sdk/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { createLogger, systemClock } from "../telemetry/index.ts";
import { openLimits, type SharedLimits } from "./open-limits.ts";
import { type BlockedBudget, deleteUnused } from "./store.ts";
import type { Ask, LimitAsk } from "./types.ts";

const tenPerMinute: readonly ParsedLimit[] = [{ requests: 10, perMs: 60_000, concurrent: Number.POSITIVE_INFINITY }];
let asked = 0;

/** A holder wants so many permits of a budget. */
function wanting(
  key: string,
  holder: string,
  units: number,
  changes: Partial<LimitAsk> & Pick<Partial<Ask>, "limits" | "blockForMs"> = {},
): Ask {
  const { limits = tenPerMinute, blockForMs, ...of } = changes;
  const silent = { held: [], dearest: 1, places: { inUse: 0, wants: 0 } };
  const ask: LimitAsk = { ...silent, wants: [0, units, 0, 0], waiting: [0, units, 0, 0], ...of };
  return { tenant: "t", key, holder, block: `b${(asked += 1)}`, limits, of: [ask], ...(blockForMs !== undefined && { blockForMs }) };
}

const open = (database: Database): SharedLimits =>
  openLimits(database, { clock: systemClock, random: Math.random, logger: createLogger("silent") });

const grantedOf = async (limits: SharedLimits, ask: Ask): Promise<number | undefined> => (await limits.lease([ask]))[0]?.of[0]?.granted;

describe.each(databases)("leasing permits on $name", ({ open: openDatabase }) => {
  let database: Database;
  let limits: SharedLimits;
  beforeAll(async () => {
    database = await openDatabase();
    limits = open(database);
    return async () => {
      await limits.close();
      await database.close();
    };
  });

  test("gives no more than the limit allows to all holders together, and says when there will be more", async () => {
    expect(await grantedOf(limits, wanting("a", "h1", 7))).toBe(7);
    expect(await grantedOf(limits, wanting("a", "h2", 7))).toBe(3);
    const [answer] = await limits.lease([wanting("a", "h2", 1)]);
    expect(answer?.of[0]?.granted).toBe(0);
    expect(answer?.of[0]?.frees[0]?.[0]).toBeGreaterThan(50_000);
  });

  test("takes back what was not spent, and counts what was", async () => {
    const first = wanting("b", "h1", 10);
    expect(await grantedOf(limits, first)).toBe(10);
    const held = [{ id: first.block, outstanding: 0, counted: [[5, 4]] as const }];
    expect(await grantedOf(limits, wanting("b", "h1", 0, { held }))).toBe(0);
    expect(await grantedOf(limits, wanting("b", "h2", 10))).toBe(6);
  });

  test("answers many budgets and several holders of one together", async () => {
    const asks = [wanting("c", "h1", 6), wanting("c", "h2", 6), ...Array.from({ length: 50 }, (_, index) => wanting(`d${index}`, "h1", 1))];
    const answers = await limits.lease(asks);
    expect(answers).toHaveLength(52);
    expect(answers.filter(({ key }) => key === "c").map(({ of }) => of[0]?.granted)).toEqual([6, 4]);
  });

  test("gives nothing while the provider lets nobody through", async () => {
    const [blocked] = await limits.lease([wanting("e", "h1", 1, { blockForMs: 30_000 })]);
    expect(blocked?.blockedForMs).toBe(30_000);
    const [other] = await limits.lease([wanting("e", "h2", 1)]);
    expect(other?.of[0]?.granted).toBe(0);
    expect(other?.blockedForMs).toBeGreaterThan(29_000);
  });

  test("shares places among holders until they have run out", async () => {
    const limited = [{ requests: Number.POSITIVE_INFINITY, perMs: 1_000, concurrent: 3 }];
    const placesOf = async (holder: string, inUse: number, wants: number) =>
      (await limits.lease([wanting("f", holder, 0, { limits: limited, places: { inUse, wants } })]))[0]?.of[0]?.places;
    expect(await placesOf("h1", 0, 3)).toBe(3);
    expect(await placesOf("h2", 0, 3)).toBe(0);
    expect(await placesOf("h1", 1, 0)).toBe(1);
    expect(await placesOf("h2", 0, 3)).toBe(2);
  });

  test("forgets budgets that nobody uses", async () => {
    await limits.lease([wanting("g", "h1", 1)]);
    expect(await deleteUnused(database.db, 1, 10)).toBe(0);
    expect(await deleteUnused(database.db, -1, 1_000)).toBeGreaterThan(0);
  });
});

describe("processes of one database", () => {
  let databasesOf: Database[];
  let processes: SharedLimits[];
  beforeAll(async () => {
    const first = await openFreshPostgres();
    databasesOf = [first];
    processes = [open(first), open(first), open(first)];
  });
  afterAll(async () => {
    for (const each of processes) await each.close();
    for (const each of databasesOf) await each.close();
  });

  test("race for a budget without giving too much", async () => {
    const limits = [{ requests: 40, perMs: 60_000, concurrent: Number.POSITIVE_INFINITY }];
    const rounds = processes.flatMap((process, number) =>
      Array.from({ length: 10 }, async (_, index) => await process.lease([wanting("race", `h${number}-${index}`, 3, { limits })])),
    );
    const granted = (await Promise.all(rounds)).flat().map(({ of }) => of[0]?.granted ?? 0);
    const total = granted.reduce((sum, units) => sum + units, 0);
    expect(total).toBeLessThanOrEqual(40);
    expect(total).toBeGreaterThan(30);
  });

  test("hear within a second that a provider refuses", async () => {
    const heard = Promise.withResolvers<readonly BlockedBudget[]>();
    const [first, second] = processes;
    second?.onBlocked((blocked) => heard.resolve(blocked));
    const startedAt = performance.now();
    await first?.lease([wanting("refused", "h1", 0, { blockForMs: 20_000 })]);
    const [blocked] = await heard.promise;
    expect(blocked).toMatchObject({ tenant: "t", key: "refused" });
    expect(blocked?.forMs).toBeGreaterThan(18_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
