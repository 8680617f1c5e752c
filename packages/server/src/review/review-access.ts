import type { Connection } from "@belay/sdk";
import { findAgedApiKeys } from "../access/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { CredentialBook, CredentialHealth } from "../credentials/index.ts";
import type { Db } from "../db/index.ts";
import { insertEvents } from "../stream/index.ts";
import type { Clock } from "../telemetry/index.ts";
import { type Cipher, readKeysInUse } from "../vault/index.ts";
import { configuredSecrets, type ConfiguredSecret } from "./configured-secrets.ts";
import { judgeScopes, judgeStaticKeys } from "./judge-access.ts";
import { type Aged, judgeAges } from "./judge-ages.ts";
import type { Notice, ReviewOptions } from "./notice.ts";
import { endNotices, noteSecrets, raiseNotices } from "./store.ts";

export interface ReviewParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly catalog: Pick<Catalog, "config" | "connectors" | "connections">;
  readonly credentials: Pick<CredentialBook, "health">;
  /** Secrets of the environment: the admin token and the like. */
  readonly environment: readonly ConfiguredSecret[];
  readonly options: ReviewOptions;
}

type Healths = ReadonlyMap<string, CredentialHealth>;

/**
 * Looks at what gives access, raises what is new and ends what is mended; each with its event. A look that finds the same as the one before changes nothing and tells
 * nothing, so it may be repeated at any time.
 *
 * @returns what is found now.
 */
export async function reviewAccess(parts: ReviewParts): Promise<Notice[]> {
  const { db, catalog, credentials, clock, options } = parts;
  const connections = [...catalog.connections.values()];
  const healths = await credentials.health(connections);
  const aged = [...(await ageConfigured(parts, healths)), ...ageStored(parts, connections, healths), ...(await ageKeys(parts))];
  const notices = [
    ...judgeStaticKeys(catalog.connectors.values(), connections),
    ...connections.flatMap((connection) => {
      const connector = catalog.connectors.get(connection.connector);
      return connector === undefined ? [] : judgeScopes(connection, connector, healths.get(connection.id));
    }),
    ...judgeAges(aged, clock.now(), options.rotateAfterDays),
  ];
  await db.transaction().execute(async (tx) => {
    const raised = await raiseNotices(tx, notices);
    const gone = await endNotices(tx, notices);
    const wordsOf = new Map(notices.map((notice) => [keyOf(notice), notice]));
    await insertEvents(tx, [
      ...raised.map((key) => {
        const { what = "", remedy = "" } = wordsOf.get(keyOf(key)) ?? {};
        return { type: "notice.raised" as const, tenant: key.tenant, cause: key.kind, data: { subject: key.subject, what, remedy } };
      }),
      ...gone.map(({ tenant, kind, subject }) => ({ type: "notice.gone" as const, tenant, cause: kind, data: { subject } })),
    ]);
  });
  return notices;
}

function keyOf({ tenant, kind, subject }: Pick<Notice, "tenant" | "kind" | "subject">): string {
  return JSON.stringify([tenant, kind, subject]);
}

/** What the configuration and the environment hold, since Belay first saw it as it is. */
async function ageConfigured({ db, cipher, catalog, environment }: ReviewParts, healths: Healths): Promise<Aged[]> {
  const secrets = [...environment, ...configuredSecrets(catalog, ({ id }) => healths.has(id))];
  const prints = await cipher.fingerprint(secrets);
  const known = await noteSecrets(
    db,
    secrets.flatMap(({ tenant, name }, index) => {
      const print = prints[index];
      return print === undefined ? [] : [{ tenant, name, print }];
    }),
  );
  const sinceOf = new Map(known.map(({ tenant, name, sinceMs }) => [JSON.stringify([tenant, name]), sinceMs]));
  return secrets.flatMap(({ tenant, name, remedy }) => {
    const sinceMs = sinceOf.get(JSON.stringify([tenant, name]));
    return sinceMs === undefined ? [] : [{ tenant, name, remedy, since: new Date(sinceMs) }];
  });
}

/** Keys that people filled in: nothing renews them. */
function ageStored({ catalog }: ReviewParts, connections: readonly Connection[], healths: Healths): Aged[] {
  return connections.flatMap(({ id, tenant, connector }) => {
    const health = healths.get(id);
    if (health === undefined || health.state === "disconnected" || catalog.connectors.get(connector) === undefined) return [];
    const isRenewed = health.refreshAt !== null || health.refreshedAt !== null;
    const remedy = `Let the tenant connect it again with another key: belay connections link --connection ${id}.`;
    return isRenewed ? [] : [{ tenant, name: `credential of ${id}`, since: new Date(health.connectedAt), remedy }];
  });
}

/** API keys, and the keys that tenants' contents are encrypted under. */
async function ageKeys({ db, options }: ReviewParts): Promise<Aged[]> {
  if (!Number.isFinite(options.rotateAfterDays)) return [];
  const { oldestDataKeyAt } = await readKeysInUse(db);
  const keys = await findAgedApiKeys(db, options.rotateAfterDays);
  return [
    ...keys.map(({ id, tenant, createdAt }) => ({
      tenant: tenant ?? "",
      name: `API key ${id}`,
      since: new Date(createdAt),
      remedy: `belay api-keys rotate ${id}.`,
    })),
    ...(oldestDataKeyAt === null
      ? []
      : [
          {
            tenant: "",
            name: "The oldest key of a tenant",
            since: new Date(oldestDataKeyAt),
            remedy: `belay keys rotate --older-than-days ${options.rotateAfterDays}.`,
          },
        ]),
  ];
}
