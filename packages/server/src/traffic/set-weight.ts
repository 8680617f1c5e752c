import type { Db } from "../db/index.ts";
import type { Lane } from "../mailbox/index.ts";
import { insertEvents } from "../stream/index.ts";
import { deleteWeight, notifyFollowers, putWeight } from "./store.ts";

/** Whose weight it is: a tenant's, or a lane's. */
export type Weighed = { readonly tenant: string } | { readonly lane: Lane };

/** Sets a weight, or takes it back to its default with `null`. Calling it twice is safe. */
export async function setWeight(db: Db, weighed: Weighed, weight: number | null, actor: string): Promise<void> {
  const key = { tenant: "tenant" in weighed ? weighed.tenant : "", lane: "lane" in weighed ? weighed.lane : ("" as const) };
  await db.transaction().execute(async (tx) => {
    if (weight === null) await deleteWeight(tx, key);
    else await putWeight(tx, { ...key, weight }, actor);
    await insertEvents(tx, [
      {
        type: "weight.changed",
        tenant: key.tenant,
        actor,
        data: { ...(key.lane !== "" && { lane: key.lane }), ...(weight === null ? {} : { weight }) },
      },
    ]);
    await notifyFollowers(tx);
  });
}
