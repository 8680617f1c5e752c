import type { Db } from "../../db/index.ts";
import { claimMailboxes, lineUp } from "../claim-store.ts";
import type { Lane, Lease } from "../types.ts";

const lanes: readonly Lane[] = ["interactive", "event", "sync", "backfill"];

/** Leases up to `limit` mailboxes that are due, whoever's they are. */
export async function claimDue(db: Db, limit: number, leaseMs: number): Promise<readonly Lease[]> {
  await lineUp(db);
  const orders = lanes.map((lane) => ({ lane, after: "", tenants: limit, each: limit }));
  return (await claimMailboxes(db, { room: limit, lanes: orders, weights: new Map(), left: new Map() }, leaseMs)).leases;
}
