import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Clock } from "../telemetry/index.ts";
import { makeKey, readKey } from "./api-key.ts";
import { openKeyBook } from "./key-book.ts";
import { insertKey, revokeKey } from "./key-store.ts";
import { LookUpInBatches } from "./look-up-in-batches.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

function movableClock(): Clock & { ms: number } {
  const clock = { ms: Date.now(), now: (): number => clock.ms, sleep: async (): Promise<void> => {} };
  return clock;
}

describe("the text of a key", () => {
  test("is read back as what was made, and nothing else is read as one", () => {
    const { text, id, hash } = makeKey();
    expect(text).toMatch(/^belay_[0-9a-f]{12}_[\w-]{43}$/);
    expect(readKey(text)).toEqual({ id, hash });
    for (const other of ["", "belay_", `${text}x`, text.slice(1), text.toUpperCase(), `belay_${id}_`, `${text}\n`])
      expect(readKey(other)).toBeUndefined();
    expect(readKey(`${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`)?.hash).not.toEqual(hash);
  });
});

describe("looking up", () => {
  test("a flood of unknown names costs one query at a time, and the same name one", async () => {
    const queries: string[][] = [];
    const held: (() => void)[] = [];
    const lookUp = new LookUpInBatches<number>({
      clock: movableClock(),
      freshMs: 1_000,
      read: async (names) => {
        queries.push([...names]);
        await new Promise<void>((resolve) => held.push(resolve));
        return new Map();
      },
    });
    const found = ["first", ...Array.from({ length: 900 }, (_, index) => `n${index % 450}`)].map(async (name) => await lookUp.find(name));
    expect(queries).toEqual([["first"]]);
    held[0]!();
    await found[0];
    await expect.poll(() => held.length).toBe(2);
    held[1]!();
    await Promise.all(found);
    expect(queries.map((names) => names.length)).toEqual([1, 450]);
    expect(lookUp.find("first")).toBeUndefined();
  });

  test("too many names at once are sent away, and a failure reaches whoever waits", async () => {
    const fail: ((error: Error) => void)[] = [];
    const lookUp = new LookUpInBatches<number>({
      clock: movableClock(),
      freshMs: 1_000,
      read: async () => await new Promise((_resolve, reject) => void fail.push(reject)),
    });
    const asked = Array.from({ length: 2_001 }, async (_, index) => await lookUp.find(`n${index}`));
    const ended = Promise.allSettled(asked);
    await expect(lookUp.find("one too many")).rejects.toMatchObject({ code: "API_UNAVAILABLE" });
    for (let query = 0; query < 5; query += 1) {
      await expect.poll(() => fail.length).toBe(query + 1);
      fail[query]!(new Error("away"));
    }
    expect((await ended).filter(({ status }) => status === "rejected")).toHaveLength(2_001);
  });
});

test("a key is recognized without a query while it is fresh, and refused within two seconds of being revoked elsewhere", async () => {
  await using database = await openFreshPostgres();
  const { db } = database;
  const clock = movableClock();
  const book = openKeyBook({ db, clock, logger: silent });
  const made = makeKey();
  const wish = { name: "n", role: "engineer", tenant: "acme", permissions: null, createdBy: "admin", livesMs: 3_600_000 } as const;
  await insertKey(db, { ...wish, id: made.id, hash: made.hash });
  expect(await book.recognize(made.text)).toEqual({
    kind: "apiKey",
    id: made.id,
    role: "engineer",
    tenant: "acme",
    actor: `key:${made.id}`,
  });
  expect(book.recognize(made.text)).toMatchObject({ role: "engineer" });
  const wrong = `${made.text.slice(0, -2)}${made.text.endsWith("AA") ? "BB" : "AA"}`;
  expect(book.recognize(wrong)).toBeUndefined();
  await expect
    .poll(async () => (await sql<{ used: boolean }>`select last_used_at is not null as used from belay.api_key`.execute(db)).rows)
    .toEqual([{ used: true }]);
  await revokeKey(db, made.id);
  expect(book.recognize(made.text)).toMatchObject({ role: "engineer" });
  clock.ms += 2_001;
  expect(await book.recognize(made.text)).toBeUndefined();
});

test("a key ends at its time to the millisecond, also one that is remembered", async () => {
  await using database = await openFreshPostgres();
  const clock = movableClock();
  const book = openKeyBook({ db: database.db, clock, logger: silent });
  const made = makeKey();
  const wish = {
    name: "n",
    role: "admin",
    tenant: null,
    permissions: ["audit.read", "no.such"],
    createdBy: "admin",
    livesMs: 60_000,
  } as const;
  await insertKey(database.db, { ...wish, id: made.id, hash: made.hash });
  expect(await book.recognize(made.text)).toMatchObject({ permissions: ["audit.read"] });
  clock.ms += 120_000;
  expect(await book.recognize(made.text)).toBeUndefined();
});
