import type { Connection } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { Renewal } from "./plan-refresh.ts";
import type { Renewer } from "./renewer.ts";
import { printOf, printOfAll, sealFields } from "./seal-fields.ts";
import { type CredentialRow, putCredential, readCredentials } from "./store.ts";

export interface TakeOverParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly renewer: Renewer;
  readonly clock: Clock;
}

/**
 * Takes a credential that is renewed from the configuration into the table, once: from then on the configuration's refresh token is history, because using one yields
 * the next. Another refresh token in the configuration is taken over again – an operator has connected the account anew.
 *
 * @returns whether something was taken over; who asked reads the row again.
 */
export async function takeOver(
  parts: TakeOverParts,
  connection: Connection,
  renewal: Renewal,
  row: CredentialRow | undefined,
): Promise<boolean> {
  const { credential } = connection;
  if (credential === undefined || !canRenew(renewal, credential)) return false;
  // What a person has connected since is never replaced by what the configuration said before.
  if (row !== undefined && row.sourcePrint === null) return false;
  const sourcePrint = await sourcePrintOf(parts.cipher, connection, renewal);
  if (row !== undefined && row.sourcePrint !== null && sourcePrint !== null && Buffer.compare(row.sourcePrint, sourcePrint) === 0)
    return false;
  const version = (row?.version ?? 0) + 1;
  const key = { tenant: connection.tenant, connection: connection.id };
  await putCredential(parts.db, key, {
    version,
    fields: await sealFields(parts.cipher, key, version, credential),
    tokenPrint: await printOf(parts.cipher, key.tenant, credential["refreshToken"]),
    // Nobody knows how old the configuration's access token is: it is used until the first renewal, which is due at once.
    expiresInMs: credential["accessToken"] === undefined ? 0 : null,
    idleExpiresInMs: renewal.idleMs ?? null,
    refreshInMs: 0,
    scopes: undefined,
    account: undefined,
    connector: connection.connector,
    sourcePrint,
    actor: "configuration",
  });
  return true;
}

/** Whether these fields are enough to get the next grant. */
export function canRenew({ kind }: Renewal, fields: Readonly<Record<string, unknown>>): boolean {
  return kind === "obtain" || fields["refreshToken"] !== undefined;
}

async function sourcePrintOf(cipher: Cipher, { tenant, credential = {} }: Connection, { kind }: Renewal): Promise<Uint8Array | null> {
  return kind === "refresh" ? await printOf(cipher, tenant, credential["refreshToken"]) : await printOfAll(cipher, tenant, credential);
}

const atOnce = 200;

/** Takes over what the configuration has and the table lacks, so that it is renewed before anybody needs it: also what would end because nobody uses it. */
export async function takeOverAll(parts: TakeOverParts, connections: Iterable<Connection>): Promise<void> {
  const candidates = [...connections].flatMap((connection) => {
    const renewal = connection.credential === undefined ? undefined : parts.renewer.of(connection);
    return renewal === undefined ? [] : [{ connection, renewal }];
  });
  for (let start = 0; start < candidates.length; start += atOnce) {
    const page = candidates.slice(start, start + atOnce);
    const rows = await readCredentials(
      parts.db,
      page.map(({ connection: { tenant, id } }) => ({ tenant, connection: id })),
    );
    const byId = new Map(rows.map((row) => [row.connection, row]));
    for (const { connection, renewal } of page) await takeOver(parts, connection, renewal, byId.get(connection.id));
  }
}
