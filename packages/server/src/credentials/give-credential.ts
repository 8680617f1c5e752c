import type { Connection } from "@belay/sdk";
import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { insertEvents } from "../stream/index.ts";
import type { CredentialBookParts } from "./credential-book.ts";
import type { Grant } from "../oauth/index.ts";
import { planRefresh, type Renewal } from "./plan-refresh.ts";
import { printOf, sealFields } from "./seal-fields.ts";
import { forgetFields, putCredential, readCredential } from "./store.ts";

type GivingParts = Pick<CredentialBookParts, "db" | "cipher" | "clock" | "random" | "onUsable">;

const mostRaces = 10;

/** Who gives a credential, and what stands or falls with it. */
export interface Giving {
  readonly actor: string;
  /** Done in the same transaction; may be done again when others changed the credential meanwhile. Its error leaves everything as it was. */
  readonly together?: (tx: Db) => Promise<void>;
}

/** Puts in place what a person was granted, tells of it, and lets what waited go on, in one transaction. Who comes later counts. */
export async function storeGiven(
  { db, cipher, clock, random, onUsable }: GivingParts,
  { id, tenant, connector }: Pick<Connection, "id" | "tenant" | "connector">,
  renewal: Renewal | undefined,
  grant: Grant,
  { actor, together }: Giving,
): Promise<void> {
  const key = { tenant, connection: id };
  const tokenPrint = await printOf(cipher, tenant, grant.fields["refreshToken"]);
  for (let races = 0; races < mostRaces; races += 1) {
    const before = await readCredential(db, key);
    const version = (before?.version ?? 0) + 1;
    const given = {
      version,
      fields: await sealFields(cipher, key, version, grant.fields),
      tokenPrint,
      ...planRefresh(grant, renewal, clock.now(), random),
      scopes: grant.scopes,
      account: grant.account,
      connector,
      // What the configuration held when it was taken over stays known, so that it is not taken over again.
      sourcePrint: before?.sourcePrint ?? null,
      actor,
    };
    const stored = await db.transaction().execute(async (tx) => {
      if (!(await putCredential(tx, key, given))) return false;
      const again = before !== undefined;
      await insertEvents(tx, [{ type: "connection.connected", tenant, connection: id, actor, data: { again } }]);
      await onUsable(tx, tenant);
      await together?.(tx);
      return true;
    });
    if (stored) return;
  }
  throw new BelayError("CREDENTIAL_RENEWAL_FAILED", `Connection "${id}" is being changed by others all the time; connect it again.`, {
    retry: "backoff",
  });
}

/** Shreds a credential and tells of it. */
export async function forgetCredential({ db }: Pick<GivingParts, "db">, { id, tenant }: Pick<Connection, "id" | "tenant">): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const forgotten = await forgetFields(tx, { tenant, connection: id });
    if (forgotten) await insertEvents(tx, [{ type: "connection.disconnected", tenant, connection: id }]);
  });
}
