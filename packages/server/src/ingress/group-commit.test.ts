import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases, freshPostgres, openFreshPostgres } from "../../../../test/setup/database.ts";
import { type Database, type Db, openDatabase } from "../db/index.ts";
import { countStored, empty, nothing, silent } from "./__fixtures__/shop.ts";
import { GroupCommit, type GroupCommitOptions } from "./group-commit.ts";
import type { InterpretedEvent } from "./interpret-event.ts";
import { insertDedupeKeys } from "./store.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

const encoder = new TextEncoder();

/** An event with one message; `poison` puts something into it that passes every check before Postgres. */
function newEvent(
  id: string,
  changes: Partial<InterpretedEvent> & { readonly eventType?: string; readonly orderKey?: string; readonly keepMs?: number } = {},
): InterpretedEvent {
  const { orderKey = "k", eventType = "x", keepMs = 60_000, ...rest } = changes;
  const message = {
    tenant: "acme",
    target: "acme-desk",
    lane: "event",
    orderKey,
    flow: "f",
    connection: "acme-shop",
    eventKey: id,
    eventType,
    version: null,
    payload: encoder.encode(`{"id":"${id.replaceAll("\0", "")}"}`),
    trace: null,
  } as const;
  return { tenant: "acme", connection: "acme-shop", keys: [id], keepKeysMs: keepMs, messages: [message], quarantined: [], ...rest };
}

describe.each(databases)("a group commit on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });
  beforeEach(() => empty(db));

  const start = (options: Partial<GroupCommitOptions> = {}): GroupCommit =>
    new GroupCommit(db, vaultOf(db), silent, { notify: false, onCommit: () => {}, ...options });

  const outcomes = async (promises: readonly Promise<string>[]): Promise<string[]> =>
    (await Promise.allSettled(promises)).map((settled) =>
      settled.status === "fulfilled" ? settled.value : (settled.reason as { code: string }).code,
    );

  test("stores what came together in few transactions, in the order in which it came", async () => {
    let commits = 0;
    const group = start({ onCommit: () => (commits += 1) });
    const results = await outcomes(Array.from({ length: 300 }, (_, index) => group.submit("e", newEvent(`e${index}`))));
    expect(new Set(results)).toEqual(new Set(["accepted"]));
    expect(commits).toBeLessThan(6);
    const { rows } = await sql<{ key: string }>`select event_key as key from belay.message order by id`.execute(db);
    if (database.connections === 1) expect(rows.map(({ key }) => key)).toEqual(Array.from({ length: 300 }, (_, index) => `e${index}`));
    expect(rows).toHaveLength(300);
  });

  test.each([0, 249, 499])("one poison event in a group of 500, at place %d, costs only itself", async (place) => {
    const group = start();
    const results = await outcomes(
      Array.from({ length: 500 }, (_, index) => group.submit("e", newEvent(`e${index}`, index === place ? { eventType: "nul \0" } : {}))),
    );
    expect(results.map((result, index) => [index, result]).filter(([, result]) => result !== "accepted")).toEqual([
      [place, "INGRESS_REFUSED"],
    ]);
    expect(await countStored(db)).toMatchObject({ messages: 499, keys: 499 });
  });

  test("several poison events cost only themselves, and what stands beside them stays in order", async () => {
    const group = start();
    const poison = new Set([3, 4, 17, 63]);
    const results = await outcomes(
      Array.from({ length: 64 }, (_, index) => group.submit("e", newEvent(poison.has(index) ? `bad\ud800 ${index}` : `e${index}`))),
    );
    expect(results.flatMap((result, index) => (result === "INGRESS_REFUSED" ? [index] : []))).toEqual([...poison]);
    const { rows } = await sql<{ key: string }>`select event_key as key from belay.message order by id`.execute(db);
    expect(rows.map(({ key }) => Number(key.slice(1)))).toEqual(
      Array.from({ length: 64 }, (_, index) => index).filter((index) => !poison.has(index)),
    );
  });

  test("of the same event several times in one group the first counts", async () => {
    const group = start();
    expect(await outcomes(["a", "b", "a", "a", "b"].map((id) => group.submit("e", newEvent(id))))).toEqual([
      "accepted",
      "accepted",
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
    expect(await outcomes(["b", "c"].map((id) => group.submit("e", newEvent(id))))).toEqual(["duplicate", "accepted"]);
    expect(await countStored(db)).toMatchObject({ messages: 3, keys: 3 });
  });

  test("a refused event is not remembered: its duplicates in the group are refused as well, and it may come again", async () => {
    const group = start();
    const bad = newEvent("a", { eventType: "nul \0" });
    expect(await outcomes([group.submit("e", bad), group.submit("e", newEvent("b")), group.submit("e", bad)])).toEqual([
      "INGRESS_REFUSED",
      "accepted",
      "INGRESS_REFUSED",
    ]);
    expect(await outcomes([group.submit("e", newEvent("a"))])).toEqual(["accepted"]);
  });

  test("an event is known by each of its keys", async () => {
    const group = start();
    expect(
      await outcomes([
        group.submit("e", newEvent("a", { keys: ["a", "sha256:1"] })),
        group.submit("e", newEvent("b", { keys: ["b", "sha256:1"] })),
      ]),
    ).toEqual(["accepted", "duplicate"]);
    expect(await outcomes([group.submit("e", newEvent("c", { keys: ["c", "sha256:1"] }))])).toEqual(["duplicate"]);
    expect(await outcomes([group.submit("e", newEvent("c", { keys: ["c", "sha256:2"] }))])).toEqual(["duplicate"]);
    expect(await countStored(db)).toMatchObject({ messages: 1 });
  });

  test("the same id of another connection or tenant is another event", async () => {
    const group = start();
    expect(
      await outcomes(
        [newEvent("a"), newEvent("a", { connection: "other" }), newEvent("a", { tenant: "globex" })].map((event) =>
          group.submit("e", event),
        ),
      ),
    ).toEqual(["accepted", "accepted", "accepted"]);
  });

  test("an event whose time has passed is new again", async () => {
    const group = start();
    await group.submit("e", newEvent("a", { keepMs: 1_000 }));
    await sql`update belay.dedupe set expires_at = expires_at - interval '2 seconds'`.execute(db);
    expect(await group.submit("e", newEvent("a"))).toBe("accepted");
    expect(await group.submit("e", newEvent("a"))).toBe("duplicate");
  });

  test("an endpoint that fills its share is told to come back, while others are still taken", async () => {
    const group = start({ maxWaiting: 10 });
    const results = await outcomes([
      ...Array.from({ length: 6 }, (_, index) => group.submit("loud", newEvent(`l${index}`))),
      ...Array.from({ length: 6 }, (_, index) => group.submit("quiet", newEvent(`q${index}`))),
    ]);
    expect(results).toEqual([
      ...Array.from({ length: 5 }, () => "accepted"),
      "INGRESS_BUSY",
      ...Array.from({ length: 5 }, () => "accepted"),
      "INGRESS_UNAVAILABLE",
    ]);
    expect(await outcomes(Array.from({ length: 5 }, (_, index) => group.submit("loud", newEvent(`again ${index}`))))).toEqual(
      Array.from({ length: 5 }, () => "accepted"),
    );
  });

  test("more bytes than may wait are told to come back; a group ends at its bytes or its count", async () => {
    let commits = 0;
    const group = start({ maxWaitingBytes: 100, maxBatchBytes: 25, maxBatch: 2, onCommit: () => (commits += 1) });
    const results = await outcomes(Array.from({ length: 12 }, (_, index) => group.submit("e", newEvent(`e${index}`))));
    const accepted = results.filter((result) => result === "accepted").length;
    expect(accepted).toBe(Math.floor(100 / encoder.encode('{"id":"e0"}').byteLength));
    expect(results.slice(accepted)).toEqual(Array.from({ length: 12 - accepted }, () => "INGRESS_UNAVAILABLE"));
    expect(commits).toBe(Math.ceil(accepted / 2));
    expect(await outcomes([group.submit("e", newEvent("later"))])).toEqual(["accepted"]);
  });
});

describe("a group commit on PostgreSQL", () => {
  test("when the database is away, refuses for now and acknowledges nothing; when it is back, takes the same events in", async () => {
    const url = await freshPostgres();
    await using database = openDatabase({ kind: "postgres", url });
    const name = new URL(url).pathname.slice(1);
    await using admin = openDatabase({ kind: "postgres", url: url.replace(/[^/]+$/, "postgres") });
    const group = new GroupCommit(database.db, vaultOf(database.db), silent, { notify: true, onCommit: () => {} });
    await group.submit("e", newEvent("first"));
    await sql`alter database ${sql.id(name)} with allow_connections false`.execute(admin.db);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`.execute(admin.db);
    const away = await Promise.allSettled(["a", "b", "c"].map((id) => group.submit("e", newEvent(id))));
    expect(away.map((settled) => settled.status === "rejected" && (settled.reason as { code: string }).code)).toEqual(
      Array.from({ length: 3 }, () => "INGRESS_UNAVAILABLE"),
    );
    await sql`alter database ${sql.id(name)} with allow_connections true`.execute(admin.db);
    // By a pool of its own: a connection of the pool may have been cut and not know it yet.
    await using fresh = openDatabase({ kind: "postgres", url });
    expect(await countStored(fresh.db)).toMatchObject({ messages: 1 });
    expect(await Promise.all(["a", "b", "c", "first"].map((id) => group.submit("e", newEvent(id))))).toEqual([
      "accepted",
      "accepted",
      "accepted",
      "duplicate",
    ]);
    expect(await countStored(database.db)).toMatchObject({ messages: 4 });
  });

  describe("when the same event arrives twice at once", () => {
    let database: Database;
    beforeAll(async () => {
      database = await openFreshPostgres();
    });
    afterAll(() => database.close());
    beforeEach(() => empty(database.db));

    const row = { tenant: "acme", connection: "acme-shop", key: "a", keep_ms: 60_000 };

    async function untilBlocked(): Promise<void> {
      for (;;) {
        const { rows } = await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          database.db,
        );
        if (rows.length > 0) return;
      }
    }

    test.each([
      ["stored", "duplicate", 0],
      ["given up", "accepted", 1],
    ] as const)("the second waits for the first, which is %s: it is %s", async (fate, outcome, messages) => {
      const first = await database.db.startTransaction().execute();
      expect(await insertDedupeKeys(first, [row])).toHaveLength(1);
      const group = new GroupCommit(database.db, vaultOf(database.db), silent, { notify: false, onCommit: () => {} });
      const second = group.submit("e", newEvent("a"));
      await untilBlocked();
      await (fate === "stored" ? first.commit() : first.rollback()).execute();
      expect(await second).toBe(outcome);
      expect(await countStored(database.db)).toMatchObject({ messages, keys: 1 });
    });

    test("two groups that hold the same events in opposite order do not deadlock", async () => {
      const ids = Array.from({ length: 100 }, (_, index) => `e${index}`);
      const groups = [0, 1, 2, 3].map(
        () => new GroupCommit(database.db, vaultOf(database.db), silent, { notify: false, onCommit: () => {} }),
      );
      const results = await Promise.all(
        groups.flatMap((group, at) => (at % 2 === 0 ? ids : ids.toReversed()).map((id) => group.submit("e", newEvent(id)))),
      );
      expect(results.filter((result) => result === "accepted")).toHaveLength(100);
      expect(await countStored(database.db)).toMatchObject({ messages: 100, keys: 100 });
    });

    test("a commit that fails after its events were inserted leaves nothing of them", async () => {
      await sql`create function belay.late() returns trigger language plpgsql as $$ begin raise query_canceled; end $$`.execute(
        database.db,
      );
      await sql`create constraint trigger late after insert on belay.message deferrable initially deferred for each row execute function belay.late()`.execute(
        database.db,
      );
      const group = new GroupCommit(database.db, vaultOf(database.db), silent, { notify: false, onCommit: () => {} });
      await expect(group.submit("e", newEvent("a"))).rejects.toMatchObject({ code: "INGRESS_UNAVAILABLE", retry: "backoff" });
      expect(await countStored(database.db)).toEqual(nothing);
      await sql`drop function belay.late() cascade`.execute(database.db);
      expect(await group.submit("e", newEvent("a"))).toBe("accepted");
    });
  });
});
