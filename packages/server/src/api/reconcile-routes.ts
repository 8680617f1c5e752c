import { BelayError, type Sync } from "@belay/sdk";
import { applyRepairs, listDiscrepancies, readReconciliations, requestReconciliation, showReconciliations } from "../reconcile/index.ts";
import { mustBeKnown } from "../syncs/index.ts";
import { placeNumber, readPlace, toPlace } from "./place-cursor.ts";
import {
  discrepanciesQuery,
  discrepancyPage,
  reconcileRequest,
  reconciliationAnswer,
  reconciliationPage,
  reconciliationParameter,
  repairedAnswer,
  repairRequest,
} from "./reconcile-schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";
import { atConnectionPage, syncParameter } from "./sync-schemas.ts";

const tags = ["reconciliation"];

/** Reconciliation: comparing what is kept with what providers list, and repairing what differs. */
export function registerReconcileRoutes(scope: ApiScope, parts: ApiParts): void {
  registerComparing(scope, parts);
  registerLooking(scope, parts);
  registerRepairing(scope, parts);
}

function partsOf({ database: { db }, cipher, catalog, clock }: ApiParts) {
  return { db, cipher, catalog, clock };
}

/** @throws `API_NOT_FOUND`. */
function syncOf({ catalog }: ApiParts, id: string): Sync {
  const sync = catalog.syncs.get(id);
  if (sync === undefined) throw new BelayError("API_NOT_FOUND", `There is no sync "${id}".`);
  return sync;
}

function registerComparing(scope: ApiScope, parts: ApiParts): void {
  scope.post(
    "/syncs/:sync/reconcile",
    {
      config: { permission: "syncs.manage" },
      schema: {
        operationId: "reconcile",
        tags,
        summary: "Compares what is kept with everything that the provider lists. No record is changed.",
        description:
          "It begins when the sync is idle. While one waits or walks, the answer is that one. What it finds is a plan, which is applied apart.",
        params: syncParameter,
        body: reconcileRequest,
        response: answers(reconciliationAnswer, 202),
      },
    },
    async ({ params: { sync }, body: { sample, ...at }, principal: { actor } }, reply) => {
      const row = await requestReconciliation(partsOf(parts), syncOf(parts, sync), { ...at, sync }, { sample, actor });
      parts.onSyncsDue?.();
      const [shown] = await showReconciliations(parts.database.db, [row]);
      if (shown === undefined) throw new Error("A row was not shown.");
      return await reply.code(202).send(shown);
    },
  );
}

function registerLooking(scope: ApiScope, parts: ApiParts): void {
  scope.get(
    "/syncs/:sync/reconciliations",
    {
      config: { permission: "syncs.read" },
      schema: {
        operationId: "listReconciliations",
        tags,
        summary: "Comparisons of a sync at a connection, newest first, and when both sides were last proven equal.",
        params: syncParameter,
        querystring: atConnectionPage,
        response: answers(reconciliationPage),
      },
    },
    async ({ params: { sync }, query: { limit, cursor, ...at } }) => {
      const [place] = readPlace(cursor, 1) ?? [];
      const before = place === undefined ? undefined : placeNumber(place);
      await mustBeKnown(partsOf(parts), { ...at, sync });
      const page = await readReconciliations(parts.database.db, { ...at, sync }, { before, limit });
      const last = page.items.length < limit ? undefined : page.items.at(-1);
      return { items: [...page.items], provenEqualAt: page.provenEqualAt, next: last === undefined ? null : toPlace([String(last.id)]) };
    },
  );
  scope.get(
    "/syncs/:sync/reconciliations/:id/discrepancies",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "listDiscrepancies",
        tags,
        summary: "What a comparison found, record by record, and what became of it.",
        params: reconciliationParameter,
        querystring: discrepanciesQuery,
        response: answers(discrepancyPage),
      },
    },
    async ({ params, query: { tenant, connection, limit, cursor, class: only } }) => {
      const [externalId = "", of = ""] = readPlace(cursor, 2) ?? [];
      const items = await listDiscrepancies(partsOf(parts), { ...params, tenant, connection }, { only, after: [externalId, of], limit });
      const last = items.length < limit ? undefined : items.at(-1);
      const shown = items.map(({ fields, ...item }) => ({ ...item, fields: [...fields] }));
      return { items: shown, next: last === undefined ? null : toPlace([last.externalId, last.class]) };
    },
  );
}

function registerRepairing(scope: ApiScope, parts: ApiParts): void {
  scope.post(
    "/syncs/:sync/reconciliations/:id/apply",
    {
      config: { permission: "records.repair" },
      schema: {
        operationId: "applyReconciliation",
        tags,
        summary: "Repairs what a comparison has found, at most so many.",
        description:
          "Records that have changed since are left alone. It may be asked again until nothing is left; nothing is done twice. Only the newest comparison can be applied, for a day.",
        params: reconciliationParameter,
        body: repairRequest,
        response: answers(repairedAnswer),
      },
    },
    async ({ params: { sync, id }, body: { most, approveDeletes, ...at }, principal: { actor } }) =>
      await applyRepairs(partsOf(parts), syncOf(parts, sync), { ...at, sync, id }, { most, approveDeletes, actor }),
  );
}
