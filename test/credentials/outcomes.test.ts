import type { Connection } from "@belay/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openProcesses, type Processes, until } from "./processes.ts";
import { rotating, TokenLedger } from "./token-ledger.ts";
import type { RenewalOutcome } from "../../packages/server/src/credentials/index.ts";
import { credentialTransitions } from "../../packages/server/src/credentials/states.ts";

const acme: Connection = { id: "acme-desk", tenant: "acme", connector: "desk" };
const minuteMs = 60_000;

let ledger: TokenLedger;
let world: Processes;
beforeEach(async () => {
  world = await openProcesses(1, (clock) => (ledger = new TokenLedger(clock.now)), { leaseMs: 5_000 });
  world.connections.set(acme.id, acme);
  const grant = { fields: ledger.consent(acme.id), expiresAtMs: world.clock.now() + 10 * minuteMs, refreshExpiresAtMs: null };
  await book().store(acme, { ...grant, scopes: ["read", "write"] }, { actor: "jane" });
});
afterEach(() => world[Symbol.asyncDispose]());

const book = () => world.all[0]!.book;
const ask = async () => await book().current(acme);
const stateOf = async () => (await book().health([acme])).get(acme.id);

/** From now on every call ends like this, and reaches nobody. */
function answerWith(outcome: RenewalOutcome): void {
  ledger.script = () => {
    ledger.arrived += 1;
    return outcome;
  };
}

const unavailable = { kind: "unavailable", code: "OAUTH_UNAVAILABLE", detail: "503" } as const;

describe("a provider that is away", () => {
  test("the access token is used as long as it lives, and nobody is asked to connect again", async () => {
    answerWith(unavailable);
    world.all[0]!.renewDue();
    await world.clock.move(8 * minuteMs);
    await until(() => ledger.arrived > 0);
    expect((await ask()).version).toBe(1);
    expect(await stateOf()).toMatchObject({ state: "provider_unavailable", code: "OAUTH_UNAVAILABLE" });
    await world.clock.move(3 * minuteMs);
    await expect(ask()).rejects.toMatchObject({ code: "OAUTH_UNAVAILABLE", details: { waits: true } });
  });

  test("for 24 hours it is tried on, at most every five minutes, and is well again at once when the provider is", async () => {
    answerWith(unavailable);
    world.all[0]!.renewDue();
    await world.clock.move(8 * minuteMs);
    const states = new Set<string | undefined>();
    const endsAtMs = world.clock.now() + 24 * 3_600_000;
    for (let before = ledger.arrived; world.clock.now() < endsAtMs; before = ledger.arrived) {
      await world.clock.move(5 * minuteMs);
      await until(() => ledger.arrived > before);
      await until(async () => !(await world.rowOf(acme)).leased);
      states.add((await stateOf())?.state);
    }
    expect(states).toEqual(new Set(["provider_unavailable"]));
    expect(ledger.arrived).toBeGreaterThanOrEqual(288);
    ledger.script = (answer) => answer();
    await world.clock.move(5 * minuteMs);
    await until(async () => (await stateOf())?.state === "connected");
    expect(await world.toldOf(acme)).toEqual([
      "connection.connected",
      "credential.refresh-failed OAUTH_UNAVAILABLE",
      "credential.refreshed OAUTH_UNAVAILABLE",
    ]);
    // What waited need not wait until its pause is over.
    expect(world.resumed).toEqual(["acme", "acme"]);
    expect(ledger.reused).toBe(0);
  });

  test("it is not asked before the time that it gave", async () => {
    answerWith({ ...unavailable, retryAfterMs: 3_600_000 });
    await world.clock.move(11 * minuteMs);
    await expect(ask()).rejects.toMatchObject({ code: "OAUTH_UNAVAILABLE" });
    const error: unknown = await ask().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ retry: { afterMs: expect.any(Number) } });
    expect((error as { retry: { afterMs: number } }).retry.afterMs).toBeGreaterThan(59 * minuteMs);
    expect(ledger.arrived).toBe(1);
  });

  test("an answer that cannot be read leaves it open what became of the token; it is sent again, and its refusal is told as a loss", async () => {
    ledger.script = (answer) => {
      answer();
      return { kind: "unknown", code: "OAUTH_ANSWER_UNREADABLE", detail: "HTML" };
    };
    await world.clock.move(11 * minuteMs);
    await expect(ask()).rejects.toMatchObject({ code: "OAUTH_ANSWER_UNREADABLE", details: { waits: true } });
    expect(await stateOf()).toMatchObject({ state: "provider_unavailable", unanswered: 1 });
    ledger.script = (answer) => answer();
    await world.clock.move(rotating.settleMs + minuteMs);
    await expect(ask()).rejects.toMatchObject({ code: "CREDENTIAL_ANSWER_LOST" });
    expect(await stateOf()).toMatchObject({ state: "needs_reconnect" });
  });

  test("an outage after an unknown answer does not hide that the token may be consumed", async () => {
    ledger.script = (answer) => {
      answer();
      return { kind: "unknown", code: "OAUTH_ANSWER_UNREADABLE", detail: "HTML" };
    };
    await world.clock.move(11 * minuteMs);
    await ask().catch(() => {});
    answerWith(unavailable);
    await world.clock.move(rotating.settleMs + minuteMs);
    await ask().catch(() => {});
    ledger.script = (answer) => answer();
    await world.clock.move(rotating.settleMs + 10 * minuteMs);
    await expect(ask()).rejects.toMatchObject({ code: "CREDENTIAL_ANSWER_LOST" });
  });
});

describe("a provider that says no", () => {
  test("a revoked grant asks the tenant to connect again at once, and is not tried any more", async () => {
    ledger.revoke(acme.id);
    world.all[0]!.renewDue();
    await world.clock.move(8 * minuteMs);
    await until(async () => (await stateOf())?.state === "needs_reconnect");
    await expect(ask()).rejects.toMatchObject({ code: "OAUTH_GRANT_ENDED", details: { waits: true } });
    await world.clock.move(24 * 3_600_000);
    await ask().catch(() => {});
    expect(ledger.arrived).toBe(1);
    expect(await world.toldOf(acme)).toEqual(["connection.connected", "connection.needs-reconnect OAUTH_GRANT_ENDED"]);
  });

  test("connecting again makes it whole, with another version and the same identity", async () => {
    ledger.revoke(acme.id);
    await world.clock.move(11 * minuteMs);
    await ask().catch(() => {});
    const grant = { fields: ledger.consent(acme.id), expiresAtMs: world.clock.now() + 10 * minuteMs, refreshExpiresAtMs: null };
    await book().store(acme, { ...grant, scopes: ["read"] }, { actor: "joe" });
    expect((await ask()).version).toBe(2);
    expect(await stateOf()).toMatchObject({ state: "connected", code: null, connectedBy: "joe", scopes: ["read"] });
  });

  test("a client that is refused is the engineer's; it is tried slowly, and heals when the secret is mended", async () => {
    answerWith({ kind: "refused", code: "OAUTH_CLIENT_REFUSED", detail: "invalid_client" });
    await world.clock.move(11 * minuteMs);
    await expect(ask()).rejects.toMatchObject({ code: "OAUTH_CLIENT_REFUSED", details: { waits: true } });
    expect(await stateOf()).toMatchObject({ state: "misconfigured" });
    ledger.script = (answer) => answer();
    await world.clock.move(minuteMs);
    expect((await ask()).version).toBe(2);
    expect(await stateOf()).toMatchObject({ state: "connected", code: null });
  });

  test("a refusal that nobody has declared never sends a tenant to connect again", async () => {
    ledger.classOf = () => undefined;
    answerWith({ kind: "refused", code: "OAUTH_WHATEVER", detail: "new" });
    await world.clock.move(11 * minuteMs);
    await ask().catch(() => {});
    expect(await stateOf()).toMatchObject({ state: "misconfigured" });
  });
});

describe("a grant that is less than before", () => {
  test("a reduced scope is told, and what is left is used", async () => {
    ledger.script = (answer) => {
      const outcome = answer();
      return outcome.kind === "granted" ? { kind: "granted", grant: { ...outcome.grant, scopes: ["read"] } } : outcome;
    };
    await world.clock.move(11 * minuteMs);
    expect((await ask()).version).toBe(2);
    expect(await stateOf()).toMatchObject({ state: "connected", scopes: ["read"] });
    expect(await world.toldOf(acme)).toEqual(["connection.connected", "credential.refreshed", "credential.scopes-reduced"]);
  });

  test("one without refresh token is told to be expiring a week before it ends, and as expired after that", async () => {
    const grant = { fields: { accessToken: ledger.consent("x").accessToken }, expiresAtMs: world.clock.now() + 8 * 86_400_000 };
    await book().store(acme, { ...grant, refreshExpiresAtMs: null, scopes: undefined }, { actor: "jane" });
    expect((await stateOf())?.state).toBe("connected");
    await world.clock.move(2 * 86_400_000);
    expect((await stateOf())?.state).toBe("expiring");
    await world.clock.move(7 * 86_400_000);
    await expect(ask()).rejects.toMatchObject({ code: "CREDENTIAL_EXPIRED", details: { waits: true } });
  });
});

test("an outage never leads to a state that asks a person to connect", () => {
  for (const state of ["connected", "provider_unavailable", "misconfigured"] as const)
    expect(credentialTransitions[state].unavailable).not.toBe("needs_reconnect");
});

test("a credential stands or falls with what belongs to it: where the connection cannot be made, nothing is kept of it", async () => {
  const grant = { fields: ledger.consent(acme.id), expiresAtMs: null, refreshExpiresAtMs: null, scopes: ["admin"] };
  const together = (): Promise<void> => Promise.reject(new Error("another connection is there already"));
  await expect(book().store(acme, grant, { actor: "joe", together })).rejects.toThrow("another connection");
  expect((await ask()).version).toBe(1);
  expect(await stateOf()).toMatchObject({ state: "connected", scopes: ["read", "write"], connectedBy: "jane" });
  expect(await world.toldOf(acme)).toEqual(["connection.connected"]);
});
