import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { appendChanges, changePurpose } from "../feed/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { contentsText } from "./contents.ts";
import { readContentsAt } from "./read-records.ts";
import { recordIds } from "./record-id.ts";
import type { RecordOrigin } from "./types.ts";

/** A record that has the wrong canonical id. */
export interface WrongLink {
  readonly externalId: string;
  readonly id: string;
  readonly position: number;
}

/**
 * Gives a record the canonical id back that the feed knows it by: nobody was ever told of the other one, and nobody is told of this.
 *
 * @returns whether it was as it is said to be.
 */
export async function moveLink(
  tx: Db,
  { tenant, connection, resource }: Pick<RecordOrigin, "tenant" | "connection" | "resource">,
  { externalId, id, position }: WrongLink,
  right: string,
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.record set id = ${right} where tenant = ${tenant} and connection = ${connection} and resource = ${resource}
      and external_id = ${externalId} and id = ${id} and position = ${position}::bigint
  `.execute(tx);
  return numAffectedRows === 1n;
}

/**
 * Parts a record from another that it shares its canonical id with: it gets a new one, under which its newest version is told anew.
 *
 * @returns what does it in a transaction, and says whether the record was as it is said to be; `undefined`: what it holds cannot be read any more.
 */
export async function relinkRecord(
  parts: { readonly db: Db; readonly cipher: Cipher; readonly clock: Clock },
  origin: Pick<RecordOrigin, "tenant" | "connection" | "resource" | "model" | "sync">,
  link: WrongLink,
): Promise<((tx: Db) => Promise<boolean>) | undefined> {
  const { tenant, connection, resource, model, sync } = origin;
  const contents = (await readContentsAt(parts, tenant, [link.position])).get(link.position);
  if (contents === undefined) return undefined;
  const id = recordIds(parts.clock.now())();
  const text = contentsText(JSON.stringify(contents.data), JSON.stringify(contents.raw), contents);
  const [sealed] = await parts.cipher.seal([{ tenant, purpose: changePurpose({ model, record: id }), value: Buffer.from(text) }]);
  if (sealed === undefined) throw new Error("The cipher gave nothing back.");
  return async (tx) => {
    const [position] = await appendChanges(tx, tenant, [
      { model, record: id, kind: "unmerged", connection, sync, previous: link.position, contents: sealed },
    ]);
    const { numAffectedRows = 0n } = await sql`
      update belay.record set id = ${id}, position = ${position}::bigint where tenant = ${tenant} and connection = ${connection} and resource = ${resource}
        and external_id = ${link.externalId} and id = ${link.id} and position = ${link.position}::bigint
    `.execute(tx);
    return numAffectedRows === 1n;
  };
}
