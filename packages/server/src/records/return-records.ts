import type { Db } from "../db/index.ts";
import { appendChanges, changePurpose } from "../feed/index.ts";
import type { Cipher, Sealable } from "../vault/index.ts";
import { contentsText } from "./contents.ts";
import { readContentsAt } from "./read-records.ts";
import { type DeletedBy, type DeletedRow, returnDeleted } from "./undo-store.ts";

/** Records that are brought back, with what they held sealed anew. */
export interface ReturnPlan {
  readonly by: DeletedBy;
  readonly rows: readonly (DeletedRow & { readonly contents: Uint8Array })[];
  /** External ids of those whose versions cannot be read any more. */
  readonly unreadable: readonly string[];
}

/** Works out how deleted records come back. Reads, and writes nothing: not in a transaction. @throws what `Cipher` throws. */
export async function planReturn(
  parts: { readonly db: Db; readonly cipher: Cipher },
  by: DeletedBy,
  deleted: readonly DeletedRow[],
): Promise<ReturnPlan> {
  const { tenant } = by;
  const contents = await readContentsAt(
    parts,
    tenant,
    deleted.map(({ previous }) => previous),
  );
  const readable = deleted.filter(({ previous }) => contents.has(previous));
  const sealed = await parts.cipher.seal(
    readable.flatMap(({ id, model, previous }): Sealable[] => {
      const held = contents.get(previous);
      if (held === undefined) return [];
      const text = contentsText(JSON.stringify(held.data), JSON.stringify(held.raw), held);
      return [{ tenant, purpose: changePurpose({ model, record: id }), value: Buffer.from(text) }];
    }),
  );
  return {
    by,
    rows: readable.flatMap((row, index) => {
      const one = sealed[index];
      return one === undefined ? [] : [{ ...row, contents: one }];
    }),
    unreadable: deleted.filter(({ previous }) => !contents.has(previous)).map(({ externalId }) => externalId),
  };
}

/** Brings records back, and tells so in the feed. The caller rolls back when it is not applied: something has happened to one of them since the plan was made. */
export async function applyReturn(tx: Db, { by, rows }: ReturnPlan): Promise<boolean> {
  if (rows.length === 0) return true;
  const { tenant, connection, sync } = by;
  const positions = await appendChanges(
    tx,
    tenant,
    rows.map(({ id, model, position, contents }) => ({
      model,
      record: id,
      kind: "restored",
      connection,
      sync,
      previous: position,
      contents,
    })),
  );
  const returning = rows.map(({ externalId, position }, index) => ({ externalId, deleted: position, position: positions[index] ?? 0 }));
  return (await returnDeleted(tx, by, returning)) === rows.length;
}
