import { BelayError } from "@belay/sdk";
import { unified, type UnifiedModel } from "@belay/sdk/models";
import { z } from "zod";
import {
  coveredBy,
  createUnified,
  listKept,
  listLive,
  openProviders,
  readKept,
  readLive,
  settingsOf,
  type UnifiedView,
  updateUnified,
} from "../unified/index.ts";
import { once } from "./once.ts";
import { readPlace, toPlace } from "./place-cursor.ts";
import { storable } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";
import { neededKey, unifiedOneQuery, unifiedQuery, unifiedSchemas, unifiedWriteQuery } from "./unified-schemas.ts";

const tags = ["unified"];
const idParameter = z.object({ id: storable });

/** Records of all providers in the models' shapes: `/unified/{category}/{model}`. */
export function registerUnifiedRoutes(scope: ApiScope, parts: ApiParts): void {
  const { proxy } = parts;
  const providers = proxy === undefined ? undefined : openProviders(proxy.ports, proxy.book);
  const kept = { db: parts.database.db, cipher: parts.cipher, catalog: parts.catalog };
  for (const model of Object.values(unified)) {
    const routes: ModelRoutes = {
      scope,
      parts,
      // What it holds does not matter here.
      model: model as unknown as UnifiedModel,
      schemas: unifiedSchemas(model as unknown as UnifiedModel),
      live: (actor) => {
        if (proxy === undefined || providers === undefined)
          throw new BelayError("API_UNAVAILABLE", "This process does not call providers.");
        const { isPaused, onEnd } = proxy;
        return {
          providers,
          clock: parts.clock,
          actor,
          onEnd,
          ...(isPaused && { isPaused }),
          settingsOf: (covered) => settingsOf(kept, covered),
        };
      },
    };
    registerReading(routes);
    registerWriting(routes);
  }
}

interface ModelRoutes {
  readonly scope: ApiScope;
  readonly parts: ApiParts;
  readonly model: UnifiedModel;
  readonly schemas: ReturnType<typeof unifiedSchemas>;
  /** For calls on behalf of an actor. @throws `API_UNAVAILABLE`. */
  readonly live: (actor: string) => Parameters<typeof readLive>[0];
}

function registerReading({ scope, parts, model, schemas, live }: ModelRoutes): void {
  const { database, cipher, catalog, clock } = parts;
  const kept = { db: database.db, cipher, catalog, clock };
  const path = `/unified/${model.category}/${model.model}`;
  const counted = (views: readonly UnifiedView[]): readonly UnifiedView[] => {
    for (const { live: isLive, stale } of views) parts.counters.add(isLive ? "unified.live" : stale ? "unified.stale" : "unified.fresh");
    return views;
  };
  scope.get(
    path,
    {
      config: { permission: "unified.read" },
      schema: {
        operationId: `listUnified${model.title}s`,
        tags,
        summary: `Records of the model ${model.model}, of all connections of a tenant or of one, in one shape.`,
        querystring: unifiedQuery,
        response: answers(schemas.page),
      },
    },
    async ({ query, principal: { actor } }) => {
      const { tenant, connection, limit, cursor, maxAge } = query;
      if (query.live === "true") return { items: counted(await listFromProvider(query, actor)), next: null };
      if (connection !== undefined) coveredBy(catalog, model, { tenant, connection });
      const [at, resource, externalId] = readPlace(cursor, 3) ?? [];
      const after =
        at === undefined || resource === undefined || externalId === undefined ? undefined : { connection: at, resource, externalId };
      const { views, last } = await listKept(kept, model, query, { after, limit, maxAgeSeconds: maxAge });
      return { items: counted(views), next: last === undefined ? null : toPlace([last.connection, last.resource, last.externalId]) };
    },
  );
  scope.get(
    `${path}/:id`,
    {
      config: { permission: "unified.read" },
      schema: {
        operationId: `showUnified${model.title}`,
        tags,
        summary: `A record of the model ${model.model} by its canonical id: as each connection has it. With \`live\` by the provider's id.`,
        params: idParameter,
        querystring: unifiedOneQuery,
        response: answers(schemas.page),
      },
    },
    async ({ params: { id }, query: { tenant, connection, maxAge, live: isLive, place }, principal: { actor } }) => {
      const views =
        isLive === "true"
          ? [await readLive(live(actor), coveredBy(catalog, model, { tenant, connection: needed(connection) }), placeOf(place), id)]
          : await readKept(kept, model, tenant, id, maxAge);
      const items = views.filter((view) => view !== undefined);
      if (items.length === 0) throw new BelayError("API_NOT_FOUND", `There is no ${model.model} "${id}" of tenant "${tenant}".`);
      return { items: counted(items), next: null };
    },
  );

  async function listFromProvider(query: z.infer<typeof unifiedQuery>, actor: string): Promise<readonly UnifiedView[]> {
    const { tenant, connection, externalId, limit, cursor, email, phone, updatedSince, place } = query;
    for (const [name, value] of Object.entries({ cursor, email, phone, updatedSince }))
      if (value !== undefined)
        throw new BelayError("API_REQUEST_INVALID", `${name}: cannot be asked of providers; leave it out, or leave out live.`);
    const covered = coveredBy(catalog, model, { tenant, connection: needed(connection) });
    if (externalId === undefined) return await listLive(live(actor), covered, placeOf(place), limit);
    const found = await readLive(live(actor), covered, placeOf(place), externalId);
    return found === undefined ? [] : [found];
  }
}

function registerWriting({ scope, parts, model, schemas, live }: ModelRoutes): void {
  const path = `/unified/${model.category}/${model.model}`;
  const config = { permission: "unified.write" } as const;
  const shared = { tags, querystring: unifiedWriteQuery, headers: neededKey, body: schemas.write, response: answers(schemas.view) };
  const keyed = (
    method: string,
    { tenant, key, request }: { readonly tenant: string; readonly key: string; readonly request: unknown },
    work: (how: { readonly suspect: boolean }) => Promise<UnifiedView>,
  ) => onceEvenIfUnknown(parts, { key, tenant, request: `${method} ${path} ${JSON.stringify(request)}` }, work);
  scope.post(
    path,
    {
      config,
      schema: {
        ...shared,
        operationId: `createUnified${model.title}`,
        summary: `Creates a ${model.model} at a provider; it comes back as the provider has it.`,
      },
    },
    async ({ query, body, headers: { "idempotency-key": key }, principal: { actor } }) => {
      const { tenant } = query;
      const covered = coveredBy(parts.catalog, model, query);
      const write = { tenant, key, place: placeOf(query.place), data: body };
      return await keyed("POST", { tenant, key, request: [query, body] }, async ({ suspect }) =>
        createUnified(live(actor), covered, { ...write, suspect }),
      );
    },
  );
  scope.patch(
    `${path}/:id`,
    {
      config,
      schema: {
        ...shared,
        params: idParameter,
        operationId: `updateUnified${model.title}`,
        summary: `Changes fields of a ${model.model} at a provider, by the provider's id; it comes back as the provider has it.`,
      },
    },
    async ({ params: { id }, query, body, headers: { "idempotency-key": key }, principal: { actor } }) => {
      const { tenant } = query;
      const covered = coveredBy(parts.catalog, model, query);
      const write = { tenant, key, place: placeOf(query.place), data: body };
      return await keyed("PATCH", { tenant, key, request: [id, query, body] }, async ({ suspect }) =>
        updateUnified(live(actor), covered, id, { ...write, suspect }),
      );
    },
  );
}

type Ended = { readonly view: UnifiedView } | { readonly unknown: string };

/** As `once`, but a write whose outcome is unknown keeps its key: under the same key it is not sent again. */
async function onceEvenIfUnknown(
  { database: { db }, cipher }: ApiParts,
  request: { readonly key: string; readonly tenant: string; readonly request: string },
  work: (how: { readonly suspect: boolean }) => Promise<UnifiedView>,
): Promise<UnifiedView> {
  const ended = await once<Ended>({ db, cipher }, request, async (how) => {
    try {
      return { view: await work(how) };
    } catch (error) {
      if (error instanceof BelayError && error.code === "UNIFIED_OUTCOME_UNKNOWN") return { unknown: error.message };
      throw error;
    }
  });
  if ("view" in ended) return ended.view;
  throw new BelayError("UNIFIED_OUTCOME_UNKNOWN", ended.unknown);
}

function needed(connection: string | undefined): string {
  if (connection === undefined) throw new BelayError("API_REQUEST_INVALID", "connection: say which one to ask, with live.");
  return connection;
}

function placeOf(text: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(text ?? ""));
}
