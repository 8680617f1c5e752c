import { BelayError } from "@belay/sdk";
import type { AuditLog } from "../audit/index.ts";
import type { Db } from "../db/index.ts";
import type { Asked } from "./manage-api-keys.ts";
import { barOperator, selectOperators, type StoredOperator } from "./operator-store.ts";
import { endSession, selectSessions, type StoredSession } from "./session-store.ts";
import { idleMs } from "./sessions.ts";
import { operatorNamePurpose } from "./sign-in.ts";

/** Opens sealed names. The vault's cipher is one. */
export interface NameOpener {
  open(items: readonly { tenant: string; purpose: string; value: Uint8Array }[]): Promise<(Uint8Array | undefined)[]>;
}

export interface ShownOperator extends Omit<StoredOperator, "name" | "password"> {
  /** `null` once the installation's key is destroyed. */
  readonly name: string | null;
}

interface Parts {
  readonly db: Db;
  readonly audit: Pick<AuditLog, "prepare" | "append">;
}

/** Who has ever signed in, oldest first, at most a thousand. */
export async function listOperators(db: Db, cipher: NameOpener): Promise<ShownOperator[]> {
  const operators = await selectOperators(db);
  const names = await cipher.open(operators.map(({ name }) => ({ tenant: "", purpose: operatorNamePurpose, value: name })));
  return operators.map(({ id, kind, role, createdAt, signedInAt, barredAt }, index) => {
    const name = names[index];
    return { id, kind, role, createdAt, signedInAt, barredAt, name: name === undefined ? null : Buffer.from(name).toString() };
  });
}

/** Takes an operator's access away and ends its sessions; other processes follow within two seconds. Calling it twice is safe. @throws `API_NOT_FOUND`. */
export async function takeAccessAway({ db, audit }: Parts, id: string, asked: Asked): Promise<void> {
  const fact = await audit.prepare(asked(`operator=${id}`));
  await db.transaction().execute(async (tx) => {
    if (!(await barOperator(tx, id))) throw new BelayError("API_NOT_FOUND", `There is no operator ${id}.`);
    await audit.append(tx, fact);
  });
}

/** Sessions that live, newest first, at most a thousand. */
export async function listSessions(db: Db): Promise<StoredSession[]> {
  return await selectSessions(db, idleMs);
}

/** Ends somebody's session; other processes follow within two seconds. Calling it twice is safe. @throws `API_NOT_FOUND`. */
export async function endOperatorSession({ db, audit }: Parts, id: string, asked: Asked): Promise<void> {
  const fact = await audit.prepare(asked(`session=${id}`));
  await db.transaction().execute(async (tx) => {
    if (!(await endSession(tx, id))) throw new BelayError("API_NOT_FOUND", `There is no session ${id}.`);
    await audit.append(tx, fact);
  });
}
