import { askedBy, createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from "../access/index.ts";
import { BelayError } from "@belay/sdk";
import type { z } from "zod";
import { apiKeyPage, keyId, keyRotation, keyWish, madeKey, type shownApiKey } from "./access-schemas.ts";
import { count, pageQuery } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const tags = ["access"];
const config = { permission: "keys.manage" } as const;
const dayMs = 86_400_000;

/** The keys that programs come in with. */
export function registerApiKeyRoutes(scope: ApiScope, { database: { db }, access: { audit, forgetKey: forget } }: ApiParts): void {
  const parts = { db, audit, forget };
  scope.get(
    "/api-keys",
    {
      config,
      schema: {
        operationId: "listApiKeys",
        tags,
        summary: "API keys, those that have ended too.",
        querystring: pageQuery,
        response: answers(apiKeyPage),
      },
    },
    async ({ query: { limit, cursor } }) => {
      const items = await listApiKeys(db, cursor === undefined ? undefined : afterOf(cursor), limit);
      const last = items.length === limit ? items.at(-1) : undefined;
      return { items: items.map(toAnswer), next: last === undefined ? null : Buffer.from(`key:${last.id}`).toString("base64url") };
    },
  );
  scope.post(
    "/api-keys",
    {
      config,
      schema: {
        operationId: "createApiKey",
        tags,
        summary: "Makes an API key. The answer is the only place where it is shown.",
        body: keyWish,
        response: answers(madeKey, 201),
      },
    },
    async (request, reply) => {
      const { name, role, tenant, permissions, expiresInDays } = request.body;
      const wish = { name, role, tenant: tenant ?? null, permissions: permissions ?? null, livesMs: toMs(expiresInDays) };
      const { key, text } = await createApiKey(parts, wish, request.principal, askedBy(request));
      return await reply.code(201).send({ key: text, apiKey: toAnswer(key) });
    },
  );
  scope.post(
    "/api-keys/:id/rotate",
    {
      config,
      schema: {
        operationId: "rotateApiKey",
        tags,
        summary: "Makes a key that may do the same; the old one works until the overlap is over.",
        params: keyId,
        body: keyRotation,
        response: answers(madeKey, 201),
      },
    },
    async (request, reply) => {
      const { overlapHours, expiresInDays } = request.body;
      const wish = { id: request.params.id, overlapMs: overlapHours * 3_600_000, livesMs: toMs(expiresInDays) };
      const { key, text } = await rotateApiKey(parts, wish, request.principal, askedBy(request));
      return await reply.code(201).send({ key: text, apiKey: toAnswer(key) });
    },
  );
  scope.delete(
    "/api-keys/:id",
    {
      config,
      schema: {
        operationId: "revokeApiKey",
        tags,
        summary: "Ends a key: at once here, in other processes within two seconds. Doing it twice is safe.",
        params: keyId,
        response: answers(count),
      },
    },
    async (request) => {
      await revokeApiKey(parts, request.params.id, askedBy(request));
      return { count: 1 };
    },
  );
}

function toMs(inDays: number | undefined): number | null {
  return inDays === undefined ? null : inDays * dayMs;
}

function toAnswer(key: Awaited<ReturnType<typeof listApiKeys>>[number]): z.output<typeof shownApiKey> {
  return { ...key, permissions: key.permissions === null ? null : [...key.permissions] };
}

function afterOf(cursor: string): string {
  const id = /^key:([0-9a-f]{12})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (id === undefined) throw new BelayError("API_REQUEST_INVALID", "cursor: this is none; take the next of the page before.");
  return id;
}
