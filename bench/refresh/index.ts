import { Secret } from "@belay/sdk";
import type { CommandOptions, Report } from "@belay/testkit/report";
import { keepCredentials } from "../../packages/server/src/credentials/index.ts";
import { migrate, openDatabase } from "../../packages/server/src/db/index.ts";
import { createLogger, systemClock } from "../../packages/server/src/telemetry/index.ts";
import { openVault, parseMasterKeys } from "../../packages/server/src/vault/index.ts";
import { startOAuthServer, type OAuthServer, type TokenFault } from "../../test/oauth/start-oauth-server.ts";
import { startBenchPostgres } from "../support/database.ts";
import { benchMasterKey } from "../support/master-key.ts";
import { compareLedgers, type Standing } from "./compare-ledgers.ts";
import { Fleet, type Interrupted } from "./fleet.ts";
import { connectionId, lifetimeSeconds, slowMs, tenantOf } from "./setting.ts";

const processes = 4;
const workersPerProcess = 13;
/** Chances of what befalls a request at the token endpoint. */
const slowShare = 0.1;
const cutShare = 0.003;
const longestMs = 240_000;

/**
 * 52 workers in four processes need the credentials of many accounts, whose access tokens live for six seconds and whose refresh tokens are good for one use; using one again ends
 * the grant. The provider is a real authorization server; one in ten of its answers takes longer than the lease of a renewal is long, some connections are cut
 * before or after it has judged, and every two seconds a process is killed. The first half of the expiries is met by the workers themselves, the second is renewed ahead.
 *
 * Its own ledger judges: one refresh for each expiry, and no grant lost but those it consumed whose answer never arrived.
 */
export async function benchRefresh({ quick, seed }: CommandOptions, say: (status: string) => void): Promise<Report> {
  const random = seeded(seed);
  const goal = quick ? 200 : 1_000;
  const accounts = quick ? 40 : 100;
  let calm = false;
  const befall = async (when: "before" | "after"): Promise<TokenFault> => {
    if (calm) return "answer";
    // Half of what is slow is slow before the provider has judged, half after it.
    if (random() < slowShare / 2) await systemClock.sleep(slowMs);
    return random() < cutShare ? (say(`a connection is cut ${when} the answer`), "cut") : "answer";
  };
  await using postgres = await startBenchPostgres();
  const url = await postgres.create("refresh");
  await using server = await startOAuthServer({
    accessTokenSeconds: lifetimeSeconds,
    beforeToken: () => befall("before"),
    afterToken: () => befall("after"),
  });
  const grantOf = await connectAll(url, server, accounts);
  const leasedBy = (owner: string): Promise<Interrupted[]> =>
    postgres.query<Interrupted & Record<string, unknown>>(
      url,
      "select connection, version from belay.credential where lease_owner = $1 and lease_until is not null",
      [owner],
    );
  const { id: clientId, secrets } = server.client;
  const setting = {
    url,
    issuer: server.issuer,
    clientId,
    clientSecret: secrets[0].reveal(),
    connections: accounts,
    workers: workersPerProcess,
  };
  await using fleet = new Fleet(setting, leasedBy);
  const startedAt = performance.now();
  const left = (): boolean => performance.now() - startedAt < longestMs;
  const done = (): number => server.ledger.refreshes().length;
  await fleet.grow(processes, false);
  while (done() < goal && left()) {
    await systemClock.sleep(1_000 + random() * 2_000);
    // The second half is renewed before anybody needs it, as processes that are started anew do.
    await fleet.replace(Math.floor(random() * processes), done() >= goal / 2);
    say(`${done()} refreshes, ${fleet.kills} kills, ${fleet.interrupted.length} renewals interrupted`);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  say("no more kills; what is under way comes to its end");
  calm = true;
  await settled(() => readOpen(postgres, url));
  const counts = await fleet.stop();
  const standings = await postgres.query<Standing & Record<string, unknown>>(
    url,
    "select connection, version, state, code from belay.credential",
  );
  const { figures, violations } = compareLedgers(server.ledger.tokens, standings, grantOf, fleet.interrupted);
  const short = figures.expiries < goal ? [`Only ${figures.expiries} of ${goal} expiries came about in ${longestMs / 1_000} s.`] : [];
  return {
    figures: {
      ...figures,
      kills: fleet.kills,
      interrupted: fleet.interrupted.length,
      longestWaitMs: Math.round(Math.max(...counts.map(({ longestWaitMs }) => longestWaitMs))),
      seconds: Math.round(seconds),
    },
    violations: [...violations, ...short],
  };
}

/** Connects the accounts, as their users would. @returns the provider's name of each grant, by connection. */
async function connectAll(url: string, server: OAuthServer, accounts: number): Promise<Map<string, string>> {
  await using database = openDatabase({ kind: "postgres", url, connections: 4 });
  const { db } = database;
  await migrate(db);
  const kept = keepCredentials({
    db,
    cipher: openVault({ db, provider: parseMasterKeys(benchMasterKey), clock: systemClock }),
    clock: systemClock,
    random: Math.random,
    logger: createLogger("silent"),
    renewer: { of: () => undefined, classOf: () => undefined, renew: () => Promise.reject(new Error("Nothing is renewed here.")) },
    connections: () => new Map(),
  });
  const grants = new Map<string, string>();
  for (let index = 0; index < accounts; index += 1) {
    const { grantId, accessToken, refreshToken } = await server.consent();
    grants.set(connectionId(index), grantId);
    const expiresAtMs = Date.now() + lifetimeSeconds * 1_000;
    const grant = {
      fields: { accessToken, refreshToken: new Secret(refreshToken.reveal()) },
      expiresAtMs,
      refreshExpiresAtMs: null,
      scopes: undefined,
    };
    await kept.book.store({ id: connectionId(index), tenant: tenantOf(index), connector: "provider" }, grant, { actor: "bench" });
  }
  await kept.close(1_000);
  return grants;
}

/** Credentials of which it is still open what becomes of them. */
async function readOpen(postgres: { query: (url: string, text: string) => Promise<{ open?: number }[]> }, url: string): Promise<number> {
  const [row] = await postgres.query(
    url,
    `select count(*)::integer as open from belay.credential
     where state <> 'needs_reconnect' and (state <> 'connected' or unanswered > 1 or (unanswered > 0 and (lease_until is null or lease_until < now())))`,
  );
  return row?.open ?? 0;
}

/** Waits until it is known what became of every interrupted call; that takes as long as one may be on its way, and the next renewal. */
async function settled(open: () => Promise<number>): Promise<void> {
  const endsAt = performance.now() + 45_000;
  while ((await open()) > 0 && performance.now() < endsAt) await systemClock.sleep(50);
}

/** @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
