/**
 * What the API needs to connect accounts, on a test's own database: the real credentials, and a provider side on a network that leads to this machine only.
 *
 * @module
 */
import { createNetwork } from "../../packages/sdk/src/http/index.ts";
import { CatalogInForce, type GrowingCatalog } from "../../packages/server/src/catalog/index.ts";
import type { ConnectParts } from "../../packages/server/src/connect/index.ts";
import { type ConnectionFollower, followConnections } from "../../packages/server/src/connections/index.ts";
import { keepCredentials, type KeptCredentials, type Renewer } from "../../packages/server/src/credentials/index.ts";
import type { Database } from "../../packages/server/src/db/index.ts";
import { reachProviders } from "../../packages/server/src/reach-providers.ts";
import { systemClock } from "../../packages/server/src/telemetry/index.ts";
import { vaultOf } from "./vault.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

export interface TestConnecting extends AsyncDisposable {
  readonly parts: ConnectParts;
  readonly credentials: Pick<KeptCredentials["book"], "store" | "forget" | "reveal" | "health">;
}

/** Nothing runs before it is used. `publicUrl` is asked anew each time, since a server may listen only later. */
export function connectingOf(
  database: Database,
  catalog: GrowingCatalog,
  publicUrl: () => string = () => "http://127.0.0.1:4000",
): TestConnecting {
  const inForce = catalog instanceof CatalogInForce ? catalog : new CatalogInForce(catalog);
  const common = { cipher: vaultOf(database.db), catalog: inForce, clock: systemClock, logger: silent, random: Math.random };
  const network = createNetwork();
  let follower: Promise<ConnectionFollower> | undefined;
  let kept: KeptCredentials | undefined;
  const book = (): KeptCredentials["book"] => {
    kept ??= keepCredentials({ ...common, db: database.db, connections: () => inForce.connections, renewer: nobody });
    return kept.book;
  };
  const credentials: TestConnecting["credentials"] = {
    store: (...given) => book().store(...given),
    forget: (connection) => book().forget(connection),
    reveal: (connection) => book().reveal(connection),
    health: (connections) => book().health(connections),
  };
  return {
    parts: {
      ...common,
      db: database.db,
      connections: {
        sync: async () => {
          follower ??= followConnections({ ...common, database });
          await (await follower).sync();
        },
      },
      credentials,
      provider: reachProviders({ ...common, network }),
      publicUrl,
      returnOrigins: ["https://app.example"],
    },
    credentials,
    [Symbol.asyncDispose]: async () => {
      await kept?.close(0);
      await (await follower)?.close();
      await network[Symbol.asyncDispose]();
    },
  };
}

const nobody: Renewer = {
  of: () => undefined,
  classOf: () => undefined,
  renew: async () => ({ kind: "unavailable", code: "OAUTH_PROVIDER_FAILED", detail: "No renewal here." }),
};
