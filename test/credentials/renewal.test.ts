import { type Connection, Secret } from "@belay/sdk";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type MovedClock, openProcesses, type Processes, until } from "./processes.ts";
import { rotating, TokenLedger } from "./token-ledger.ts";
import type { GivenCredential } from "../../packages/server/src/credentials/index.ts";
import { findDue } from "../../packages/server/src/credentials/store.ts";

const acme: Connection = { id: "acme-desk", tenant: "acme", connector: "desk" };
const minuteMs = 60_000;
const accessToken = ({ fields }: GivenCredential): string | undefined => fields["accessToken"]?.reveal();

let ledger: TokenLedger;
let world: Processes;
beforeEach(async () => {
  world = await openProcesses(
    2,
    (clock: MovedClock) => {
      ledger = new TokenLedger(clock.now);
      return ledger;
    },
    { leaseMs: 5_000, waitMs: 20_000 },
  );
  world.connections.set(acme.id, acme);
});
afterEach(() => world[Symbol.asyncDispose]());

/** Connected by a person, with the ledger's first grant. */
async function connect(connection: Connection = acme): Promise<void> {
  const grant = { fields: ledger.consent(connection.id), expiresAtMs: world.clock.now() + 10 * minuteMs, refreshExpiresAtMs: null };
  await book(0).store(connection, { ...grant, scopes: ["read", "write"] }, { actor: "jane" });
}

const book = (index: number) => world.all[index]!.book;

/** Many callers, in every process, at once. */
const everybody = (ask: (index: number) => GivenCredential | Promise<GivenCredential>): Promise<GivenCredential[]> =>
  Promise.all(Array.from({ length: 20 }, async (_, index) => await ask(index % 2)));

describe("one renewal for each expiry", () => {
  test("a credential that is in memory and fresh is given without a promise", async () => {
    await connect();
    const first = await book(1).current(acme);
    expect(book(1).current(acme)).toBe(first);
    expect(accessToken(first)).toBe("acme-desk-access-0");
  });

  test("what only renews a credential is not handed out", async () => {
    await connect();
    expect(Object.keys((await book(0).current(acme)).fields)).toEqual(["accessToken"]);
  });

  test("what every call carries beside the token goes with it, also after a renewal", async () => {
    ledger.renewal = { ...rotating, carried: ["applicationId"] };
    const fields = { ...ledger.consent(acme.id), applicationId: new Secret("app"), password: new Secret("p") };
    const grant = { fields, expiresAtMs: world.clock.now() + 10 * minuteMs, refreshExpiresAtMs: null, scopes: undefined };
    await book(0).store(acme, grant, { actor: "jane" });
    const given = await book(0).current(acme);
    expect(Object.keys(given.fields).toSorted()).toEqual(["accessToken", "applicationId"]);
    const renewed = await book(0).refused(acme, given.version);
    expect(renewed.fields["applicationId"]?.reveal()).toBe("app");
    expect(accessToken(renewed)).not.toBe(accessToken(given));
  });

  test("twenty callers in two processes meet an expired credential, and the provider is asked once", async () => {
    await connect();
    await world.clock.move(11 * minuteMs);
    const given = await everybody((index) => book(index).current(acme));
    expect(new Set(given.map(accessToken))).toEqual(new Set(["acme-desk-access-1"]));
    expect(ledger).toMatchObject({ arrived: 1, granted: 1, reused: 0 });
  });

  test("twenty callers in two processes are refused with the same version, and the provider is asked once", async () => {
    await connect();
    const { version } = await book(0).current(acme);
    const given = await everybody((index) => book(index).refused(acme, version));
    expect(new Set(given.map((each) => each.version))).toEqual(new Set([version + 1]));
    expect(ledger).toMatchObject({ arrived: 1, granted: 1 });
  });

  test("a credential that is refused although it was renewed just now is not renewed again", async () => {
    await connect();
    const renewed = await book(0).refused(acme, (await book(0).current(acme)).version);
    expect((await book(1).refused(acme, renewed.version)).version).toBe(renewed.version);
    expect(ledger.arrived).toBe(1);
  });

  test("a provider that is slower than the lease is long is not asked twice", async () => {
    await connect();
    await world.clock.move(11 * minuteMs);
    const slow = Promise.withResolvers<void>();
    ledger.script = async (answer) => {
      await slow.promise;
      return answer();
    };
    const waiting = everybody((index) => book(index).current(acme));
    await until(async () => (await world.rowOf(acme)).leased);
    const { leaseGeneration } = await world.rowOf(acme);
    for (let leases = 0; leases < 3; leases += 1) {
      await world.clock.move(4_000);
      // With the lease, the time is moved at which another process would look.
      await until(async () => ((await world.rowOf(acme)).refreshInMs ?? 0) > rotating.settleMs - 2_000);
    }
    slow.resolve();
    expect(new Set((await waiting).map(accessToken))).toEqual(new Set(["acme-desk-access-1"]));
    expect(ledger).toMatchObject({ arrived: 1, reused: 0 });
    expect((await world.rowOf(acme)).leaseGeneration).toBe(leaseGeneration);
  });

  test("an answer that comes after the lease was lost is the grant all the same", async () => {
    await connect();
    await world.clock.move(11 * minuteMs);
    const slow = Promise.withResolvers<void>();
    ledger.script = async (answer) => {
      const outcome = answer();
      await slow.promise;
      return outcome;
    };
    const waiting = book(0).current(acme);
    await until(() => ledger.arrived === 1);
    // As if this process had stood still, and another one had taken the lease over.
    await sql`update belay.credential set lease_owner = 'another', lease_generation = lease_generation + 1`.execute(world.db);
    slow.resolve();
    expect(accessToken(await waiting)).toBe("acme-desk-access-1");
    expect(await world.rowOf(acme)).toMatchObject({ state: "connected", unanswered: 0, leased: false });
  });

  test("a process that knows an older version learns of a newer one without asking the provider", async () => {
    await connect();
    const old = await book(1).current(acme);
    await book(0).refused(acme, old.version);
    await until(async () => (await book(1).current(acme)).version > old.version);
    expect(ledger.arrived).toBe(1);
  });
});

describe("before it ends", () => {
  test("a worker renews what is due before anybody needs it, and spreads what was connected together", async () => {
    const all = Array.from({ length: 40 }, (_, index): Connection => ({ id: `c${index}`, tenant: "acme", connector: "desk" }));
    for (const connection of all) {
      world.connections.set(connection.id, connection);
      await connect(connection);
    }
    const refreshInMs = await Promise.all(all.map(async (each) => (await world.rowOf(each)).refreshInMs ?? 0));
    expect(Math.min(...refreshInMs)).toBeGreaterThan(5 * minuteMs);
    expect(Math.max(...refreshInMs)).toBeLessThanOrEqual(8 * minuteMs);
    expect(new Set(refreshInMs.map((ms) => Math.round(ms / 1_000))).size).toBeGreaterThan(10);
    expect(await findDue(world.db, 100)).toEqual([]);
    await world.clock.move(8 * minuteMs);
    for (const each of world.all) each.renewDue();
    await until(() => ledger.granted === 40);
    await until(async () => (await findDue(world.db, 100)).length === 0);
    expect(ledger).toMatchObject({ arrived: 40, reused: 0 });
  });

  test("an account that nobody uses is renewed before its grant ends for that", async () => {
    ledger.renewal = { ...rotating, lifetimeMs: 3_650 * 86_400_000, idleMs: 30 * 86_400_000 };
    ledger.expiresInMs = null;
    const grant = { fields: ledger.consent(acme.id), expiresAtMs: null, refreshExpiresAtMs: null, scopes: undefined };
    await book(0).store(acme, grant, { actor: "jane" });
    world.all[0]!.renewDue();
    for (let months = 1; months <= 3; months += 1) {
      await world.clock.move(25 * 86_400_000);
      await until(() => ledger.granted === months);
    }
    expect((await world.rowOf(acme)).state).toBe("connected");
  });

  test("a grant whose lifetime the provider does not tell has the one that the connector declares", async () => {
    ledger.expiresInMs = null;
    ledger.renewal = { ...rotating, lifetimeMs: 20 * minuteMs };
    await connect();
    await book(0).refused(acme, 1);
    const { expiresInMs } = await world.rowOf(acme);
    expect(expiresInMs).toBeGreaterThan(19 * minuteMs);
    expect(expiresInMs).toBeLessThanOrEqual(20 * minuteMs);
  });

  test("what is due is found down an index", async () => {
    const { rows } = await sql<{ "QUERY PLAN": string }>`
      explain select tenant, connection from belay.credential where refresh_at <= (select belay.now()) order by refresh_at limit 20
    `.execute(world.db);
    expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("credential_due");
  });
});

describe("a process that is killed in the middle of a renewal", () => {
  /** Its call reaches the provider or not; its answer reaches nobody. */
  async function killDuringCall(reaches: boolean): Promise<void> {
    await connect();
    await world.clock.move(11 * minuteMs);
    ledger.script = (answer) => {
      if (reaches) answer();
      ledger.script = (next) => next();
      return new Promise(() => {});
    };
    void Promise.resolve(book(0).current(acme)).catch(() => {});
    await until(async () => (await world.rowOf(acme)).unanswered === 1);
    // What is left of the process extends its lease no more.
    await sql`update belay.credential set lease_generation = lease_generation + 1`.execute(world.db);
    await world.clock.move(6_000);
  }

  test("a single-use token is not sent again while its call may still be on its way; whoever needs it waits", async () => {
    await killDuringCall(false);
    await expect(book(1).current(acme)).rejects.toMatchObject({
      code: "CREDENTIAL_RENEWAL_WAITS",
      details: { waits: true },
      retry: { afterMs: expect.any(Number) },
    });
    expect(ledger.arrived).toBe(0);
  });

  test("after that it is sent once more, and a grant that was never consumed is not lost", async () => {
    await killDuringCall(false);
    await world.clock.move(rotating.settleMs);
    expect(accessToken(await book(1).current(acme))).toBe("acme-desk-access-1");
    expect(await world.rowOf(acme)).toMatchObject({ state: "connected", unanswered: 0, code: null });
  });

  test("a grant that was consumed is lost, and it is said why", async () => {
    await killDuringCall(true);
    await world.clock.move(rotating.settleMs);
    await expect(book(1).current(acme)).rejects.toMatchObject({ code: "CREDENTIAL_ANSWER_LOST", details: { waits: true } });
    expect(await world.rowOf(acme)).toMatchObject({ state: "needs_reconnect", code: "CREDENTIAL_ANSWER_LOST", unanswered: 1 });
    expect(await world.toldOf(acme)).toEqual(["connection.connected", "connection.needs-reconnect CREDENTIAL_ANSWER_LOST"]);
  });

  test("a token that may be used again is simply sent again when the lease is over", async () => {
    ledger.renewal = { ...rotating, singleUse: false };
    await connect();
    await world.clock.move(11 * minuteMs);
    ledger.script = () => {
      ledger.script = (next) => next();
      return new Promise(() => {});
    };
    void Promise.resolve(book(0).current(acme)).catch(() => {});
    await until(async () => (await world.rowOf(acme)).leased);
    await sql`update belay.credential set lease_generation = lease_generation + 1`.execute(world.db);
    await world.clock.move(6_000);
    expect(accessToken(await book(1).current(acme))).toBe("acme-desk-access-1");
  });

  test("the next one finds it by itself, without anybody asking", async () => {
    await killDuringCall(false);
    await world.clock.move(rotating.settleMs);
    world.all[1]!.renewDue();
    await until(() => ledger.granted === 1);
  });
});

describe("what is kept", () => {
  test("nothing of it can be read in the database, and a row put in another's place does not open", async () => {
    await connect();
    const { rows } = await sql<{ text: string }>`select c::text || encode(fields, 'escape') as text from belay.credential c`.execute(
      world.db,
    );
    expect(rows[0]?.text).not.toMatch(/refresh-0|access-0/);
    await sql`
      insert into belay.credential (tenant, connection, connector, version, fields, state)
      select tenant, 'acme-other', connector, version, fields, state from belay.credential
    `.execute(world.db);
    await expect(Promise.resolve(book(0).current({ ...acme, id: "acme-other" }))).rejects.toMatchObject({ code: "VAULT_SEAL_BROKEN" });
  });

  test("what is forgotten is gone, and a later connection goes on with the next version", async () => {
    await connect();
    await book(0).forget(acme);
    await book(0).forget(acme);
    const { rows } = await sql<{ fields: unknown }>`select fields from belay.credential`.execute(world.db);
    expect(rows).toEqual([{ fields: null }]);
    await expect(Promise.resolve(book(1).current(acme))).rejects.toMatchObject({ code: "CREDENTIAL_DISCONNECTED" });
    await connect();
    expect((await book(1).current(acme)).version).toBe(3);
    expect(await world.toldOf(acme)).toEqual(["connection.connected", "connection.disconnected", "connection.connected"]);
    expect(world.resumed).toEqual(["acme", "acme"]);
  });

  test("an account that nobody has connected is told as such", async () => {
    await expect(Promise.resolve(book(0).current(acme))).rejects.toMatchObject({ code: "CREDENTIAL_MISSING", details: { waits: true } });
  });

  test("a credential of the configuration that nothing renews needs no row and no promise", () => {
    ledger.renewal = undefined;
    const fixed = { ...acme, credential: { token: new Secret("from the configuration") } };
    expect(book(0).current(fixed)).toMatchObject({ version: 0, fields: fixed.credential });
  });

  test("one that is renewed is taken over from the configuration once; another refresh token there is taken over again", async () => {
    const configured = { ...acme, credential: ledger.consent(acme.id) };
    const first = await book(0).current(configured);
    await book(0).refused(configured, first.version);
    // The configuration's token has been used up by now: whoever took it over again would end the grant.
    const versions = await everybody(async (index) => await book(index).refused(configured, first.version));
    expect(new Set(versions.map(accessToken))).toEqual(new Set(["acme-desk-access-1"]));
    expect(ledger).toMatchObject({ arrived: 1, reused: 0 });
    await world.clock.move(11 * minuteMs);
    const renewedByHand = { ...acme, credential: { refreshToken: new Secret("drawn by hand") } };
    await expect(Promise.resolve(book(1).current(renewedByHand))).rejects.toMatchObject({ code: "OAUTH_GRANT_ENDED" });
    expect((await world.rowOf(acme)).connectedBy).toBe("configuration");
  });
});
