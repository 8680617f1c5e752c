import { sql } from "kysely";
import type { Db } from "../../db/index.ts";
import { newLease, newMessage } from "../../../../../test/setup/new-message.ts";
import type { Lease, Message, NewMessage } from "../../mailbox/index.ts";

const mailbox = "book/sync";

/** What a worker has in hand that got the message of a walk. */
export function toFetched({ payload, ...message }: NewMessage): Message {
  return newMessage({ ...message, mailbox, payload: Buffer.from(payload).toString() });
}

/** Takes the walks of a tenant under a new lease, whoever holds them. */
export async function leaseWalks(db: Db, tenant: string): Promise<Lease> {
  const { rows } = await sql<{ token: number }>`
    update belay.mailbox set leased = true, token = token + 1, due_at = belay.now() + interval '1 hour' where tenant = ${tenant} and id = ${mailbox} returning token
  `.execute(db);
  const [{ token }] = rows as [{ token: number }];
  return newLease({ tenant, mailbox, connection: "book", lane: "sync", token });
}
