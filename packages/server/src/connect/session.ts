import { createHash, randomBytes } from "node:crypto";
import type { AnyConnector, Connection } from "@belay/sdk";
import { z } from "zod";
import { newConnectionId, newEndpoint } from "../connections/index.ts";
import type { Db } from "../db/index.ts";
import type { Cipher } from "../vault/index.ts";
import { findSession, type SessionRow } from "./store.ts";

const texts = z.record(z.string(), z.string());

/** What a link was made for. */
const sessionDetails = z.object({
  /** The link's own: the way back from the provider ends at it. */
  token: z.string(),
  returnUrl: z.string().optional(),
  /** Given by the host application, not to be changed. */
  settings: texts,
  /** Of a host of the customer's own. */
  baseUrl: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  user: z.object({ id: z.string().optional(), name: z.string().optional() }).optional(),
  /** Of the connection that comes of it, drawn beforehand: what is tried twice is still one connection. */
  connectionId: z.string(),
  endpoint: z.string(),
});
export type SessionDetails = z.infer<typeof sessionDetails>;

/** A link that is good, with what it was made for. */
export interface Session {
  readonly row: SessionRow;
  readonly details: SessionDetails;
}

/** 256 random bits as text. */
export function drawToken(): string {
  return randomBytes(32).toString("base64url");
}

export function hashOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** What is kept of a session, each bound to it. */
type Kept = "details" | "authorization" | "pending";

export async function sealKept(cipher: Cipher, key: Pick<SessionRow, "tenant" | "id">, what: Kept, value: unknown): Promise<Uint8Array> {
  const [sealed] = await cipher.seal([{ tenant: key.tenant, purpose: purposeOf(key.id, what), value: Buffer.from(JSON.stringify(value)) }]);
  return sealed ?? new Uint8Array();
}

export async function openKept<Schema extends z.ZodType>(
  cipher: Cipher,
  key: Pick<SessionRow, "tenant" | "id">,
  what: Kept,
  sealed: Uint8Array,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  const [bytes] = await cipher.open([{ tenant: key.tenant, purpose: purposeOf(key.id, what), value: sealed }]);
  return bytes === undefined ? undefined : schema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
}

function purposeOf(id: string, what: Kept): string {
  return `connect_session.${what} ${id}`;
}

/** The session of a link; `undefined` alike for one that never was, has expired, or whose tenant's keys are gone. */
export async function readSession(
  { db, cipher }: { readonly db: Db; readonly cipher: Cipher },
  token: string,
): Promise<Session | undefined> {
  const row = await findSession(db, hashOf(token));
  return row && (await openSession(cipher, row));
}

export async function openSession(cipher: Cipher, row: SessionRow): Promise<Session | undefined> {
  const details = await openKept(cipher, row, "details", row.details, sessionDetails);
  return details && { row, details };
}

export function newDetails(given: Omit<SessionDetails, "token" | "connectionId" | "endpoint">): SessionDetails {
  return { ...given, token: drawToken(), connectionId: newConnectionId(), endpoint: newEndpoint() };
}

/** The connection that a session is about: the one that is reconnected, or the one that will be. */
export function connectionOf(
  { row, details }: Session,
  connector: AnyConnector,
  existing: Connection | undefined,
  settings: Readonly<Record<string, string>> = {},
): Connection {
  if (existing !== undefined) return existing;
  return {
    id: details.connectionId,
    tenant: row.tenant,
    connector: row.connector,
    settings: { ...settings, ...details.settings },
    ...(details.baseUrl !== undefined && { baseUrl: details.baseUrl }),
    ...(connector.webhooks !== undefined && { endpoint: details.endpoint }),
  };
}
