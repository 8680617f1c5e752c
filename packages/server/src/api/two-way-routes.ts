import { BelayError } from "@belay/sdk";
import { type DeadLetter, discardDeadLetters, listDeadLetters } from "../mailbox/index.ts";
import {
  checkDecision,
  decideConflict,
  listConflicts,
  listLinks,
  readTwoWays,
  retryLinks,
  type ShownThing,
  type ShownTwoWay,
  showThing,
} from "../two-way/index.ts";
import { readPlace, toPlace } from "./place-cursor.ts";
import { count, tenantQuery } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";
import { tellLink } from "./tell-link.ts";
import {
  conflictPage,
  conflictsQuery,
  decisionRequest,
  linkPage,
  linkParameter,
  linksQuery,
  retryRequest,
  tellingQuery,
  thing as thingSchema,
  toldLink,
  twoWayPage,
  twoWayParameter,
  twoWaysQuery,
} from "./two-way-schemas.ts";

const tags = ["two-way syncs"];

/** Two-way syncs: how they stand, thing by thing, and what people do with them. */
export function registerTwoWayRoutes(scope: ApiScope, parts: ApiParts): void {
  registerReading(scope, parts);
  registerThing(scope, parts);
  registerConflicts(scope, parts);
  registerRetry(scope, parts);
}

function partsOf({ database: { db }, cipher, catalog }: ApiParts) {
  return { db, cipher, catalog };
}

function registerReading(scope: ApiScope, parts: ApiParts): void {
  scope.get(
    "/two-ways",
    {
      config: { permission: "syncs.read" },
      schema: {
        operationId: "listTwoWays",
        tags,
        summary: "Two-way syncs of tenants: between which connections they run, how many things stand how, what waits for a decision.",
        querystring: twoWaysQuery,
        response: answers(twoWayPage),
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const [tenant, twoWay] = readPlace(cursor, 2) ?? [];
      const after = tenant === undefined || twoWay === undefined ? undefined : { tenant, twoWay };
      const items = await readTwoWays(partsOf(parts), filter, after, limit);
      const last = items.length < limit ? undefined : items.at(-1);
      return { items, next: last === undefined ? null : toPlace([last.tenant, last.twoWay]) };
    },
  );
  scope.get(
    "/two-ways/:twoWay/links",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "listTwoWayLinks",
        tags,
        summary: "Things of a two-way sync by canonical id, and how they stand.",
        params: twoWayParameter,
        querystring: linksQuery,
        response: answers(linkPage),
      },
    },
    async ({ params: { twoWay }, query: { tenant, stands, limit, cursor } }) => {
      const [after = ""] = readPlace(cursor, 1) ?? [];
      const items = await listLinks(parts.database.db, { tenant, twoWay, stands }, after, limit);
      const last = items.length < limit ? undefined : items.at(-1);
      return { items, next: last === undefined ? null : toPlace([last.record]) };
    },
  );
}

interface OneThing {
  readonly tenant: string;
  readonly twoWay: string;
  readonly record: string;
}

/** @throws `API_NOT_FOUND`. */
async function findThing(parts: ApiParts, key: OneThing): Promise<{ readonly shown: ShownThing; readonly twoWay: ShownTwoWay }> {
  const [twoWay] = await readTwoWays(partsOf(parts), key, undefined, 1);
  const shown = twoWay && (await showThing(partsOf(parts), key));
  if (twoWay === undefined || shown === undefined)
    throw new BelayError("API_NOT_FOUND", `Tenant "${key.tenant}" has nothing called "${key.record}" in a two-way sync "${key.twoWay}".`);
  return { shown, twoWay };
}

/** So many dead letters are ended by one request. */
const mostLetters = 10_000;

/** Dead letters of writes, newest first: of a thing, or of all. */
async function lettersOf(
  { database: { db }, cipher }: ApiParts,
  { tenant, twoWay, record }: Omit<OneThing, "record"> & { readonly record?: string | undefined },
  limit: number,
): Promise<readonly DeadLetter[]> {
  const of = { tenant, flow: twoWay, ...(record !== undefined && { eventKeys: [`${record}/a`, `${record}/b`] }) };
  return await listDeadLetters(db, cipher, of, limit);
}

function registerThing(scope: ApiScope, parts: ApiParts): void {
  scope.get(
    "/two-ways/:twoWay/links/:record",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "showTwoWayLink",
        tags,
        summary: "A thing with what each side has of it, and what holds.",
        params: linkParameter,
        querystring: tenantQuery,
        response: answers(thingSchema),
      },
    },
    async ({ params, query: { tenant } }) => {
      const key = { ...params, tenant };
      const { shown } = await findThing(parts, key);
      const [letter] = shown.stands === "failed" ? await lettersOf(parts, key, 1) : [];
      return { ...shown, held: [...shown.held], message: letter?.id ?? null };
    },
  );
  scope.get(
    "/two-ways/:twoWay/links/:record/explanation",
    {
      config: { permission: "messages.explain" },
      schema: {
        operationId: "explainTwoWayLink",
        tags,
        summary: "Why a thing is not the same at both sides and what to do, for one reader.",
        description: "For the tenant without codes, values and names of yours; for support and engineers with codes.",
        params: linkParameter,
        querystring: tellingQuery,
        response: answers(toldLink),
      },
    },
    async ({ params, query: { tenant, for: register }, principal: { role } }) => {
      const { shown, twoWay } = await findThing(parts, { ...params, tenant });
      // A tenant's user reads what is written for tenants, whatever is asked for.
      return tellLink(parts.catalog, twoWay, shown, role === "tenant" ? "tenant" : register);
    },
  );
}

function registerConflicts(scope: ApiScope, parts: ApiParts): void {
  scope.get(
    "/two-ways/:twoWay/conflicts",
    {
      config: { permission: "records.read" },
      schema: {
        operationId: "listTwoWayConflicts",
        tags,
        summary: "Fields that both sides have changed, and about which somebody has to decide.",
        params: twoWayParameter,
        querystring: conflictsQuery,
        response: answers(conflictPage),
      },
    },
    async ({ params: { twoWay }, query: { tenant, record, limit, cursor } }) => {
      const [at, field] = readPlace(cursor, 2) ?? [];
      const after = at === undefined || field === undefined ? undefined : { twoWay, record: at, field };
      const items = await listConflicts(partsOf(parts), { tenant, twoWay, record }, after, limit);
      const last = items.length < limit ? undefined : items.at(-1);
      return { items, next: last === undefined ? null : toPlace([last.record, last.field]) };
    },
  );
  scope.post(
    "/two-ways/:twoWay/conflicts/decide",
    {
      config: { permission: "two-ways.manage" },
      schema: {
        operationId: "decideTwoWayConflict",
        tags,
        summary: "Says what is to hold for a field: what a side has, or a value that is given. Both sides then get it.",
        description: "Deciding anew is safe until it has been written.",
        params: twoWayParameter,
        body: decisionRequest,
        response: answers(count),
      },
    },
    async ({ params: { twoWay }, body: { side, value, ...of }, principal: { actor } }) => {
      const key = { ...of, twoWay };
      if (side === undefined) await checkDecision(partsOf(parts), { ...key, value });
      parts.onCommitted(await decideConflict(partsOf(parts), key, side === undefined ? { value } : { side }, { actor }));
      return { count: 1 };
    },
  );
}

function registerRetry(scope: ApiScope, parts: ApiParts): void {
  const { db } = parts.database;
  scope.post(
    "/two-ways/:twoWay/retry",
    {
      config: { permission: "two-ways.manage" },
      schema: {
        operationId: "retryTwoWayLinks",
        tags,
        summary: "Has things merged and written again whose writes were given up: all, or one.",
        description:
          "They are merged as they are now. Their dead letters end; what fails again becomes a new one. Calling it twice is safe.",
        params: twoWayParameter,
        body: retryRequest,
        response: answers(count),
      },
    },
    async ({ params: { twoWay }, body: { tenant, record } }) => {
      // Those that are there before: what fails again has to be seen.
      const letters = await lettersOf(parts, { tenant, twoWay, record }, mostLetters);
      const { records, mailboxes } = await retryLinks(partsOf(parts), { tenant, twoWay, record });
      parts.onCommitted(mailboxes);
      // What they were about is being tried anew: nobody has to look at them.
      const tried = new Set(records.flatMap((one) => [`${one}/a`, `${one}/b`]));
      await discardDeadLetters(
        db,
        letters.filter(({ eventKey }) => tried.has(eventKey)),
      );
      return { count: records.length };
    },
  );
}
