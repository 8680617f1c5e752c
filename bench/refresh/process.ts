/* A process with workers that need credentials all the time. It ends when its channel closes, or is killed. */
import { type Connection, defineConnector, isBelayError, Secret } from "@belay/sdk";
import { createNetwork, systemClock as httpClock } from "@belay/sdk/http";
import { keepCredentials, oauthRenewer } from "../../packages/server/src/credentials/index.ts";
import { openDatabase } from "../../packages/server/src/db/index.ts";
import { createLogger, systemClock } from "../../packages/server/src/telemetry/index.ts";
import { openVault, parseMasterKeys } from "../../packages/server/src/vault/index.ts";
import { benchMasterKey } from "../support/master-key.ts";
import { connectionId, leaseMs, lifetimeSeconds, type ProcessSetting, settleMs, tenantOf } from "./setting.ts";

const setting = JSON.parse(process.argv[2] ?? "") as ProcessSetting;
const connector = defineConnector({
  id: "provider",
  title: "Provider",
  baseUrl: setting.issuer,
  auth: {
    kind: "oauth2",
    tokenUrl: `${setting.issuer}/token`,
    grants: ["refresh_token"],
    accessTokenLifetime: `${lifetimeSeconds}s`,
    refreshToken: { rotates: true },
    clientAuthentication: "basic",
  },
  resources: {},
});
const connections = new Map(
  Array.from({ length: setting.connections }, (_, index): [string, Connection] => [
    connectionId(index),
    { id: connectionId(index), tenant: tenantOf(index), connector: "provider", baseUrl: setting.issuer },
  ]),
);
const { db } = openDatabase({ kind: "postgres", url: setting.url, connections: 6 });
const network = createNetwork();
const catalog = {
  connectors: new Map([[connector.id, connector]]),
  config: {
    connectors: [connector],
    flows: [],
    connections: [],
    oauthClients: { provider: { id: setting.clientId, secrets: [new Secret(setting.clientSecret)] } },
  },
};
const credentials = keepCredentials({
  db,
  cipher: openVault({ db, provider: parseMasterKeys(benchMasterKey), clock: systemClock }),
  clock: systemClock,
  random: Math.random,
  logger: createLogger("silent"),
  renewer: oauthRenewer({ catalog, network, clock: httpClock, answerMs: 15_000, settleMs }),
  connections: () => connections,
  owner: setting.owner,
  leaseMs,
});
if (setting.ahead) credentials.renewDue();

const stop = new AbortController();
const counts = { given: 0, waits: 0, longestWaitMs: 0 };
const all = [...connections.values()];

async function work(): Promise<void> {
  while (!stop.signal.aborted) {
    const connection = all[Math.floor(Math.random() * all.length)];
    if (connection === undefined) return;
    const startedAt = performance.now();
    try {
      await credentials.book.current(connection);
      counts.given += 1;
    } catch (error) {
      if (!isBelayError(error) || error.details["waits"] !== true) throw error;
      counts.waits += 1;
    }
    counts.longestWaitMs = Math.max(counts.longestWaitMs, performance.now() - startedAt);
    await systemClock.sleep(5 + Math.random() * 20);
  }
}

for (let worker = 0; worker < setting.workers; worker += 1) void work();
/** Renewals that have begun come to their end: what the provider grants now is not lost by stopping. */
process.on("message", () => {
  stop.abort();
  void credentials.close(20_000).then(() => process.send?.(counts));
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
