import { BelayError, type Sync } from "@belay/sdk";
import { listPending, listTroubles } from "../records/index.ts";
import {
  approveDeletes,
  mustBeKnown,
  openSettings,
  pauseSync,
  readSyncs,
  readWalks,
  refuseDeletes,
  resumeSync,
  runSync,
  setSettings,
  undoDeletes,
} from "../syncs/index.ts";
import { readPlace, toPlace } from "./place-cursor.ts";
import { count } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";
import {
  atConnection,
  atConnectionPage,
  ofTenant,
  pauseSyncRequest,
  pendingDeletePage,
  runRequest,
  settingsAnswer,
  settingsRequest,
  syncPage,
  syncParameter,
  syncsQuery,
  troublePage,
  undoAnswer,
  undoRequest,
  walkPage,
} from "./sync-schemas.ts";

const tags = ["syncs"];

/** Syncs: how they stand, and what people do with them. */
export function registerSyncRoutes(scope: ApiScope, parts: ApiParts): void {
  registerReading(scope, parts);
  registerOrders(scope, parts);
  registerDeletes(scope, parts);
  registerUndo(scope, parts);
  registerSettings(scope, parts);
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

function registerReading(scope: ApiScope, parts: ApiParts): void {
  const { db } = parts.database;
  scope.get(
    "/syncs",
    {
      config: { permission: "syncs.read" },
      schema: {
        operationId: "listSyncs",
        tags,
        summary: "Syncs at connections: how they stand, how far their walks have come, what waits.",
        querystring: syncsQuery,
        response: answers(syncPage),
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const [tenant, sync, connection] = readPlace(cursor, 3) ?? [];
      const after = tenant === undefined || sync === undefined || connection === undefined ? undefined : { tenant, sync, connection };
      const items = await readSyncs(partsOf(parts), filter, { after, limit });
      const last = items.length < limit ? undefined : items.at(-1);
      return { items: items.map(toAnswer), next: last === undefined ? null : toPlace([last.tenant, last.sync, last.connection]) };
    },
  );
  scope.get(
    "/syncs/:sync/walks",
    {
      config: { permission: "syncs.read" },
      schema: {
        operationId: "listWalks",
        tags,
        summary: "Walks of a sync at a connection, newest first.",
        params: syncParameter,
        querystring: atConnectionPage.omit({ cursor: true }),
        response: answers(walkPage),
      },
    },
    async ({ params: { sync }, query: { limit, ...at } }) => {
      await mustBeKnown(partsOf(parts), { ...at, sync });
      return { items: (await readWalks(db, { ...at, sync }, limit)).map(toWalk) };
    },
  );
  scope.get(
    "/syncs/:sync/troubles",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "listRecordTroubles",
        tags,
        summary: "Records that could not be taken, each with its reason. The next walk tries them again.",
        params: syncParameter,
        querystring: atConnectionPage,
        response: answers(troublePage),
      },
    },
    async ({ params: { sync }, query: { limit, cursor, ...at } }) => {
      const [after = ""] = readPlace(cursor, 1) ?? [];
      await mustBeKnown(partsOf(parts), { ...at, sync });
      const items = await listTroubles(partsOf(parts), { ...at, sync }, { after, limit });
      const last = items.length < limit ? undefined : items.at(-1);
      return { items, next: last === undefined ? null : toPlace([last.externalId]) };
    },
  );
}

type Shown = Awaited<ReturnType<typeof readSyncs>>[number];

function toAnswer({ walk, ...sync }: Shown) {
  return {
    ...sync,
    walk: walk === null ? null : { ...toWalk(walk), share: walk.share, perSecond: walk.perSecond, etaSeconds: walk.etaSeconds },
  };
}

function toWalk({ growth: _growth, ...walk }: Awaited<ReturnType<typeof readWalks>>[number]) {
  return walk;
}

function registerOrders(scope: ApiScope, parts: ApiParts): void {
  const { onReady } = parts;
  scope.post(
    "/syncs/:sync/run",
    {
      config: { permission: "syncs.manage" },
      schema: {
        operationId: "runSync",
        tags,
        summary: "Lets the next walk begin now.",
        description: "While one is open, the next begins when that has ended; two never walk at once.",
        params: syncParameter,
        body: runRequest,
        response: answers(count),
      },
    },
    async ({ params: { sync }, body: { full, ...at } }) => {
      await runSync(partsOf(parts), { ...at, sync }, { full });
      parts.onSyncsDue?.();
      return { count: 1 };
    },
  );
  scope.post(
    "/syncs/:sync/pause",
    {
      config: { permission: "syncs.manage" },
      schema: {
        operationId: "pauseSync",
        tags,
        summary: "Pauses a sync at a connection.",
        description:
          "An open walk stops after the page that it is at, and goes on from there. Pausing it twice is safe: the first reason stays.",
        params: syncParameter,
        body: pauseSyncRequest,
        response: answers(count),
      },
    },
    async ({ params: { sync }, body: { why, ...at }, principal: { actor } }) => {
      await pauseSync(partsOf(parts), { ...at, sync }, { actor, why });
      return { count: 1 };
    },
  );
  scope.post(
    "/syncs/:sync/resume",
    {
      config: { permission: "syncs.manage" },
      schema: {
        operationId: "resumeSync",
        tags,
        summary: "Lets a paused sync go on.",
        params: syncParameter,
        body: atConnection,
        response: answers(count),
      },
    },
    async ({ params: { sync }, body, principal: { actor } }) => {
      await resumeSync(partsOf(parts), { ...body, sync }, { actor });
      parts.onSyncsDue?.();
      onReady();
      return { count: 1 };
    },
  );
}

function registerDeletes(scope: ApiScope, parts: ApiParts): void {
  scope.get(
    "/syncs/:sync/deletes",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "listPendingDeletes",
        tags,
        summary: "Records that wait to be deleted, each with its reason: what an approval deletes.",
        params: syncParameter,
        querystring: atConnectionPage,
        response: answers(pendingDeletePage),
      },
    },
    async ({ params: { sync }, query: { limit, cursor, ...at } }) => {
      const [after = ""] = readPlace(cursor, 1) ?? [];
      const { resource } = syncOf(parts, sync).source;
      await mustBeKnown(partsOf(parts), { ...at, sync });
      const items = await listPending(parts.database.db, { ...at, sync, resource }, { after, limit });
      const last = items.length < limit ? undefined : items.at(-1);
      return { items, next: last === undefined ? null : toPlace([last.externalId]) };
    },
  );
  scope.post(
    "/syncs/:sync/deletes/approve",
    {
      config: { permission: "syncs.manage" },
      schema: {
        operationId: "approveDeletes",
        tags,
        summary: "Deletes the records that wait for it: missing at the provider, or named by it as deleted.",
        params: syncParameter,
        body: atConnection,
        response: answers(count),
      },
    },
    async ({ params: { sync }, body, principal: { actor } }) => ({
      count: await approveDeletes(partsOf(parts), syncOf(parts, sync), { ...body, sync }, { actor }),
    }),
  );
  scope.post(
    "/syncs/:sync/deletes/refuse",
    {
      config: { permission: "syncs.manage" },
      schema: {
        operationId: "refuseDeletes",
        tags,
        summary:
          "Keeps the records that wait to be deleted; the next walk that misses them asks again. It reads everything where the provider has named some.",
        params: syncParameter,
        body: atConnection,
        response: answers(count),
      },
    },
    async ({ params: { sync }, body, principal: { actor } }) => ({
      count: await refuseDeletes(partsOf(parts), { ...body, sync }, { actor }),
    }),
  );
}

function registerUndo(scope: ApiScope, parts: ApiParts): void {
  scope.post(
    "/syncs/:sync/deletes/undo",
    {
      config: { permission: "syncs.manage" },
      schema: {
        operationId: "undoDeletes",
        tags,
        summary: "Brings back what a walk has deleted.",
        description:
          "As far as it was not longer ago than the sync's `deletes.undo`. What came back by itself is left alone. The sync is paused: resume it when the cause is mended. Sending it twice is safe.",
        params: syncParameter,
        body: undoRequest,
        response: answers(undoAnswer),
      },
    },
    async ({ params: { sync }, body, principal: { actor } }) => {
      const { records, ...undone } = await undoDeletes(partsOf(parts), syncOf(parts, sync), { ...body, sync }, { actor });
      return { ...undone, records: [...records] };
    },
  );
}

function registerSettings(scope: ApiScope, parts: ApiParts): void {
  scope.get(
    "/syncs/:sync/settings",
    {
      config: { permission: "syncs.read" },
      schema: {
        operationId: "readSyncSettings",
        tags,
        summary: "A tenant's settings for a sync.",
        params: syncParameter,
        querystring: ofTenant,
        response: answers(settingsAnswer),
      },
    },
    async ({ params: { sync }, query: { tenant } }) => {
      const { id } = syncOf(parts, sync);
      return { settings: (await openSettings(partsOf(parts), tenant, id)) ?? null };
    },
  );
  scope.put(
    "/syncs/:sync/settings",
    {
      config: { permission: "syncs.manage" },
      schema: {
        operationId: "setSyncSettings",
        tags,
        summary: "Sets a tenant's settings; its records are then all mapped anew.",
        params: syncParameter,
        body: settingsRequest,
        response: answers(settingsAnswer),
      },
    },
    async ({ params: { sync }, body: { tenant, settings }, principal: { actor } }) => {
      await setSettings(partsOf(parts), syncOf(parts, sync), tenant, settings, actor);
      parts.onSyncsDue?.();
      return { settings };
    },
  );
}
