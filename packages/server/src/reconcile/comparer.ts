import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { insertEvents } from "../stream/index.ts";
import type { ComparedWalk, WalkComparer } from "../syncs/index.ts";
import type { Cipher } from "../vault/index.ts";
import { comparePage } from "./compare-page.ts";
import { conclude } from "./conclude.ts";
import { countDiscrepancies, insertDiscrepancies } from "./discrepancy-store.ts";
import { judge, reconciliationStates } from "./states.ts";
import { addCounts, readOpen, type ReconciliationRow, setEnded } from "./store.ts";

/** Opens what compares the pages of walks of kind `reconcile`. It writes discrepancies, and never a record. */
export function openComparer(parts: { readonly db: Db; readonly cipher: Cipher }): WalkComparer {
  return {
    async compare(walk, { records, expected }) {
      const reconciliation = await mustBeOpen(parts.db, walk);
      const page = await comparePage(parts, walk, reconciliation, records);
      const { discrepancies, compared, windowEqual, sampled, troubled, moved } = page;
      return {
        equal: compared - discrepancies.length - moved,
        troubled,
        keep: async (tx) => {
          await insertDiscrepancies(tx, reconciliation, discrepancies);
          const windows = records.length === 0 ? 0 : 1;
          await addCounts(tx, reconciliation, {
            compared,
            windows,
            windowsEqual: windowEqual ? windows : 0,
            sampled,
            troubled,
            moved,
            told: expected,
          });
        },
      };
    },
    async conclude(walk, { reached, proof }) {
      const reconciliation = await mustBeOpen(parts.db, walk);
      await conclude(parts.db, walk, reconciliation, { complete: reached && proof?.covers === "all" });
    },
    async end(tx, walk, { reached, proof, whyNone }) {
      const reconciliation = await mustBeOpen(tx, walk);
      const { tenant, id, sync, connection, troubled, moved } = reconciliation;
      const counts = await countDiscrepancies(tx, tenant, [id]);
      const found = counts.reduce((sum, { count }) => sum + count, 0);
      const proven = reached && proof?.covers === "all";
      const state = reconciliationStates.walking[judge({ found, proven, troubled, moved })] ?? "failed";
      const reasons = [...(proven ? [] : whyNone), ...(troubled > 0 ? ["troubled"] : []), ...(moved > 0 ? ["moved"] : [])];
      await setEnded(tx, reconciliation, { state, proven, whyUnproven: reasons.length === 0 ? null : reasons.join(" "), code: null });
      const data = { reconciliation: id, found, equal: state === "equal" };
      await insertEvents(tx, [{ type: "sync.compared", tenant, connection, flow: sync, data }]);
    },
    async fail(tx, walk, code) {
      const reconciliation = await readOpen(tx, walk.origin);
      if (reconciliation === undefined) return;
      await setEnded(tx, reconciliation, { state: "failed", proven: false, whyUnproven: null, code });
    },
  };
}

/** @throws `RECONCILE_MAPPING_CHANGED`: what was compared before was compared by another. */
async function mustBeOpen(db: Db, { origin }: ComparedWalk): Promise<ReconciliationRow> {
  const reconciliation = await readOpen(db, origin);
  if (reconciliation === undefined || reconciliation.walk !== origin.walk)
    throw new BelayError("LEASE_LOST", "The comparison is no longer this walk's.", { retry: "backoff" });
  if (reconciliation.mapping === origin.mapping) return reconciliation;
  const text = `Sync "${origin.sync}" maps by version ${origin.mapping} now, and was compared by ${reconciliation.mapping}: compare anew.`;
  throw new BelayError("RECONCILE_MAPPING_CHANGED", text);
}
