import { type AnyConnector, type Connection, isBelayError, Secret } from "@belay/sdk";
import { z } from "zod";
import { addConnection, noteConnected, readFacts, sealAccount } from "../connections/index.ts";
import type { Db } from "../db/index.ts";
import type { Grant } from "../oauth/index.ts";
import type { Notice } from "./notices.ts";
import type { ConnectParts } from "./parts.ts";
import { openKept, sealKept, type Session } from "./session.ts";
import { completeSession, keepPending, takePending } from "./store.ts";

/** What became of a grant. `asked`: it is for another account than before, and waits for somebody to confirm it. */
export type Completion = "connected" | "asked" | Notice;

const texts = z.record(z.string(), z.string());
const pendingGrant = z.object({
  fields: texts,
  expiresAtMs: z.number().nullable(),
  refreshExpiresAtMs: z.number().nullable(),
  scopes: z.array(z.string()).optional(),
  account: z.object({ id: z.string().optional(), name: z.string().optional() }).optional(),
  settings: texts,
});

/**
 * Puts a grant in place, unless it is for another account than the connection stood on: the mailbox and what was written would then be another's.
 *
 * @param connection The one that is reconnected, or that will be.
 */
export async function acceptGrant(parts: ConnectParts, session: Session, connection: Connection, grant: Grant): Promise<Completion> {
  const before = session.row.connection === null ? undefined : (await readFacts(parts.db, parts.cipher, [connection])).get(connection.id);
  const isOther = before?.accountId !== undefined && grant.account?.id !== undefined && before.accountId !== grant.account.id;
  if (!isOther) return await putInPlace(parts, session, connection, grant);
  const revealed = Object.fromEntries(Object.entries(grant.fields).map(([name, secret]) => [name, secret.reveal()]));
  const pending = { ...grant, fields: revealed, settings: connection.settings ?? {} };
  await keepPending(parts.db, session.row, await sealKept(parts.cipher, session.row, "pending", pending));
  return "asked";
}

/** Whose account waits to be confirmed, and whose it was; undefined when none does. */
export async function readPending(
  { db, cipher }: ConnectParts,
  { row }: Session,
): Promise<{ readonly before: string; readonly now: string } | undefined> {
  if (row.pending === null || row.connection === null) return undefined;
  const pending = await openKept(cipher, row, "pending", row.pending, pendingGrant);
  const facts = (await readFacts(db, cipher, [{ tenant: row.tenant, id: row.connection }])).get(row.connection);
  return {
    before: facts?.accountName ?? facts?.accountId ?? "another account",
    now: pending?.account?.name ?? pending?.account?.id ?? "this account",
  };
}

/** Somebody has decided about the grant that waits: it is put in place, or given back. */
export async function settlePending(
  parts: ConnectParts,
  session: Session,
  connection: Connection,
  confirmed: boolean,
): Promise<Completion | undefined> {
  const sealed = await takePending(parts.db, session.row);
  const pending = sealed && (await openKept(parts.cipher, session.row, "pending", sealed, pendingGrant));
  if (pending === undefined) return undefined;
  const grant: Grant = {
    fields: Object.fromEntries(Object.entries(pending.fields).map(([name, value]) => [name, new Secret(value)])),
    expiresAtMs: pending.expiresAtMs,
    refreshExpiresAtMs: pending.refreshExpiresAtMs,
    scopes: pending.scopes,
    ...(pending.account && { account: dropUndefined(pending.account) }),
  };
  if (confirmed) return await putInPlace(parts, session, { ...connection, settings: pending.settings }, grant);
  await parts.provider.revoke(connection, grant.fields);
  return undefined;
}

async function putInPlace(parts: ConnectParts, session: Session, connection: Connection, grant: Grant): Promise<Completion> {
  const { cipher, catalog, credentials } = parts;
  const { row, details } = session;
  const { account } = grant;
  const actor = row.actor;
  const sealed = await sealAccount(cipher, connection, {
    accountId: account?.id,
    accountName: account?.name,
    userId: details.user?.id,
    userName: details.user?.name,
  });
  const together = async (tx: Db): Promise<void> => {
    if (row.connection === null) await addConnection(tx, catalog, connection);
    await noteConnected(tx, catalog, connection, { actor, account: sealed });
    await completeSession(tx, row, connection.id);
  };
  try {
    // Credential, connection and session stand or fall together: a credential alone nobody could reach, nor give back.
    await credentials.store(connection, grant, { actor, together });
  } catch (error) {
    if (!isBelayError(error) || error.code !== "CONNECTION_AMBIGUOUS") throw error;
    // Somebody connected another account meanwhile: this one must not be kept by anybody.
    await parts.provider.revoke(connection, grant.fields);
    return "second-account";
  }
  await parts.connections.sync();
  return "connected";
}

/** Where the host application learns how it went; undefined where nobody asked to. */
export function returnUrlOf(
  { details, row }: Session,
  connector: Pick<AnyConnector, "id">,
  status: "connected" | "cancelled",
): string | undefined {
  if (details.returnUrl === undefined) return undefined;
  const url = new URL(details.returnUrl);
  if (status === "connected") url.searchParams.set("connection", row.completedConnection ?? row.connection ?? details.connectionId);
  else if (row.connection !== null) url.searchParams.set("connection", row.connection);
  url.searchParams.set("connector", connector.id);
  url.searchParams.set("status", status);
  return url.href;
}

function dropUndefined(account: { id?: string | undefined; name?: string | undefined }): { id?: string; name?: string } {
  return { ...(account.id !== undefined && { id: account.id }), ...(account.name !== undefined && { name: account.name }) };
}
