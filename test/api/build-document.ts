import { defineConfig } from "@belay/sdk";
import { createServer, registerApi } from "../../packages/server/src/api/index.ts";
import { buildCatalog } from "../../packages/server/src/catalog/index.ts";
import { openDatabase } from "../../packages/server/src/db/index.ts";
import { GroupCommit } from "../../packages/server/src/ingress/index.ts";
import { openMeasures } from "../../packages/server/src/measures/index.ts";
import { ReferenceWriter } from "../../packages/server/src/references/index.ts";
import { Counters, systemClock } from "../../packages/server/src/telemetry/index.ts";
import { accessOf } from "../setup/access.ts";
import { connectingOf } from "../setup/connecting.ts";
import { vaultOf } from "../setup/vault.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const adminToken = "the-token-of-the-administrator";

/** The OpenAPI document as the server gives it at `/v1/openapi.json`. No database is needed: none is spoken to. */
export async function buildDocument(): Promise<unknown> {
  await using database = openDatabase({ kind: "postgres", url: "postgres://nobody@127.0.0.1:1/none" });
  const catalog = buildCatalog(defineConfig({ connectors: [], flows: [], connections: [] }));
  await using connecting = connectingOf(database, catalog);
  const counters = new Counters();
  const server = createServer(silent);
  registerApi(server, {
    database,
    cipher: vaultOf(database.db),
    catalog,
    connecting: connecting.parts,
    credentials: connecting.credentials,
    commit: new GroupCommit(database.db, vaultOf(database.db), silent, { notify: false, onCommit: () => {} }),
    references: new ReferenceWriter(vaultOf(database.db)),
    clock: systemClock,
    counters,
    measures: openMeasures({
      db: database.db,
      clock: systemClock,
      random: Math.random,
      logger: silent,
      counters,
      connectorOf: () => undefined,
    }),
    traffic: { sync: () => Promise.resolve() },
    tracing: { random: () => 0.5, sampleShare: 0 },
    access: accessOf(database.db, adminToken),
    replay: async () => 0,
    threats: () => [],
    onReady: () => {},
    onCommitted: () => {},
  });
  const answer = await server.inject({ url: "/v1/openapi.json", headers: { authorization: `Bearer ${adminToken}` } });
  await server.close();
  if (answer.statusCode !== 200) throw new Error(`The document was answered with ${answer.statusCode}: ${answer.body}`);
  return answer.json();
}
