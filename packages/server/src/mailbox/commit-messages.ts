import type { Db } from "../db/index.ts";
import type { SealedMessage, SealedWork } from "./seal-work.ts";
import { insertBlobs, insertMessages, insertQuarantined, type MailboxRow, type MessageRow } from "./store.ts";
import { insertReferences } from "../references/index.ts";
import type { MailboxKey, NewMessage } from "./types.ts";

/**
 * Commits work together with the fact that caused it: call it inside that transaction. Mailboxes are locked first, in the order of their
 * keys, and messages inserted after, so that within a mailbox ids follow the order of commit – a reader that has passed an id never misses one below it.
 *
 * What messages are found by is stored with them, where there is any.
 *
 * Messages of one call keep their order within a mailbox. Calling it twice commits the work twice: de-duplicate before. It takes what `sealWork` made, before
 * the transaction was begun.
 */
export async function commitMessages(tx: Db, works: readonly SealedWork[]): Promise<void> {
  const messages = works.flatMap((work) => work.messages);
  const quarantined = works.flatMap((work) => work.quarantined);
  const packed = packPayloads([...messages, ...quarantined]);
  if (packed.blobs.length > 0) await insertBlobs(tx, packed.blobs, packed.blobBytes);
  const all = [...messages, ...quarantined];
  const withIds = all.some(({ fingerprints }) => fingerprints !== undefined);
  const ids: number[] = [];
  if (messages.length > 0)
    ids.push(...(await insertMessages(tx, distinctMailboxes(messages), packed.rows.slice(0, messages.length), packed.bytes, withIds)));
  if (quarantined.length > 0) {
    const rows = packed.rows.slice(messages.length).map((row, index) => {
      const { code = "", error = "" } = quarantined[index] ?? {};
      return { ...row, code, error };
    });
    ids.push(...(await insertQuarantined(tx, rows, packed.bytes)));
  }
  if (!withIds) return;
  const references = all.flatMap(({ tenant, fingerprints = [] }, index) =>
    fingerprints.map((fingerprint) => ({ tenant, message: ids[index] ?? 0, fingerprint })),
  );
  if (references.length > 0) await insertReferences(tx, references);
}

/** `<connection>/<lane>` */
function mailboxId(message: Pick<NewMessage, "target" | "lane">): string {
  return `${message.target}/${message.lane}`;
}

/** The mailbox a message waits in. */
export function toMailboxKey(message: Pick<NewMessage, "tenant" | "target" | "lane">): MailboxKey {
  return { tenant: message.tenant, mailbox: mailboxId(message) };
}

/** Orders keys as Postgres does under collate "C": by code unit, tenant first. */
export function compareMailboxes(a: MailboxKey, b: MailboxKey): number {
  if (a.tenant !== b.tenant) return a.tenant < b.tenant ? -1 : 1;
  return a.mailbox < b.mailbox ? -1 : Number(a.mailbox > b.mailbox);
}

function distinctMailboxes(messages: readonly SealedMessage[]): MailboxRow[] {
  const byKey = new Map<string, { tenant: string; mailbox: string; id: string; connection: string; lane: NewMessage["lane"] }>();
  for (const message of messages) {
    const id = mailboxId(message);
    const key = `${message.tenant}\n${id}`;
    if (!byKey.has(key)) byKey.set(key, { tenant: message.tenant, mailbox: id, id, connection: message.target, lane: message.lane });
  }
  return [...byKey.values()].toSorted(compareMailboxes);
}

interface PackedPayloads {
  readonly rows: readonly MessageRow[];
  readonly bytes: Uint8Array;
  readonly blobs: Parameters<typeof insertBlobs>[1];
  readonly blobBytes: Uint8Array;
}

/** Lays sealed payloads end to end, so that any number of them is one parameter. An event that several flows read is laid down once. */
function packPayloads(messages: readonly SealedMessage[]): PackedPayloads {
  const inline = new Concatenation();
  const apart = new Concatenation();
  const blobs = new Map<string, { tenant: string; hash: string; start: number; length: number }>();
  const rows = messages.map((message): MessageRow => {
    const { tenant, blob, sealed } = message;
    let place = { start: 0, length: 0 };
    if (blob === null) place = inline.add(sealed);
    else blobs.set(`${tenant}\n${blob}`, { tenant, hash: blob, ...apart.add(sealed) });
    return {
      tenant,
      mailbox: mailboxId(message),
      order_key: message.orderKey,
      flow: message.flow,
      connection: message.connection,
      event_key: message.eventKey,
      event_type: message.eventType,
      version: message.version,
      trace: message.trace,
      ...place,
      blob,
    };
  });
  const sorted = [...blobs.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return { rows, bytes: inline.toBytes(), blobs: sorted, blobBytes: apart.toBytes() };
}

class Concatenation {
  readonly #parts: Uint8Array[] = [];
  readonly #places = new Map<Uint8Array, { start: number; length: number }>();
  #length = 0;

  add(part: Uint8Array): { start: number; length: number } {
    const known = this.#places.get(part);
    if (known !== undefined) return known;
    const place = { start: this.#length, length: part.byteLength };
    this.#parts.push(part);
    this.#places.set(part, place);
    this.#length += part.byteLength;
    return place;
  }

  toBytes(): Uint8Array {
    return Buffer.concat(this.#parts, this.#length);
  }
}
