import { timingSafeEqual, createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { Db } from "../db/index.ts";
import { actOnDeadLetters, countWaiting, discardDeadLetters, listDeadLetters, type DeadLetterKey } from "../mailbox/index.ts";
import type { Threat } from "../insight/index.ts";
import type { Counters } from "../telemetry/index.ts";
import { sendProblem } from "./problem.ts";

export interface ApiParts {
  readonly db: Db;
  readonly counters: Counters;
  /** Bearer token of the administrator. */
  readonly adminToken: string;
  /** Gives dead letters another chance; resolves with how many. */
  readonly replay: (db: Db, letters: readonly DeadLetterKey[]) => Promise<number>;
  /** What threatens this installation. */
  readonly threats: () => readonly Threat[];
  /** Called when messages were made ready. */
  readonly onReady: () => void;
}

/** Postgres stores no NUL and refuses to look for one. */
const storable = z
  .string()
  .min(1)
  .refine((value) => !value.includes("\0"), "must not contain NUL");
const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: z.coerce.number().int().positive().optional(),
  tenant: storable.optional(),
  code: storable.optional(),
});
const idParameter = z.object({ id: z.coerce.number().int().positive() });
const tenantQuery = z.object({ tenant: storable });
const bulkQuery = z
  .object({ tenant: storable.optional(), code: storable.optional(), flow: storable.optional() })
  .refine((filter) => filter.tenant ?? filter.code ?? filter.flow, {
    path: ["filter"],
    message: "name a tenant, a code or a flow; acting on all of them at once is too easily a mistake",
  });

/**
 * The administrator's API under `/v1`. Every request needs the admin token.
 *
 * - `GET /figures`: counts of this process since it started, and the messages that wait now.
 * - `GET /health`: `{ ok, threats: [{ code, what, remedy }] }`, as of the last look, at most 15 s ago.
 * - `GET /dead-letters?tenant=&code=&before=&limit=`: newest first; `next` is the `before` of the next page, or null.
 * - `POST /dead-letters/{id}/replay?tenant=`, `POST /dead-letters/{id}/discard?tenant=`: `{ count }` is 1, or 0 when it was done before.
 * - `POST /dead-letters/replay?tenant=&code=&flow=`, `POST /dead-letters/discard?…`: all that match, at least one filter; `{ count }`.
 */
export function registerApi(server: FastifyInstance, parts: ApiParts): void {
  server.register(
    async (scope) => {
      scope.addHook("onRequest", async (request, reply) => {
        if (!isAdmin(request.headers.authorization, parts.adminToken))
          return await sendProblem(reply, "API_UNAUTHORIZED", "The token is missing or wrong.");
        return undefined;
      });
      scope.get("/figures", async () => await readFigures(parts));
      scope.get("/health", () => ({ ok: parts.threats().length === 0, threats: parts.threats() }));
      scope.get("/dead-letters", async (request, reply) => {
        const query = listQuery.safeParse(request.query);
        if (!query.success) return sendInvalid(reply, query.error);
        const { limit, before, tenant, code } = query.data;
        const items = await listDeadLetters(
          parts.db,
          { ...(before && { before }), ...(tenant && { tenant }), ...(code && { code }) },
          limit,
        );
        return { items, next: items.length === limit ? (items.at(-1)?.id ?? null) : null };
      });
      for (const [action, act] of [
        ["replay", parts.replay],
        ["discard", discardDeadLetters],
      ] as const) {
        scope.post(`/dead-letters/:id/${action}`, async (request, reply) => {
          const parameters = idParameter.safeParse(request.params);
          if (!parameters.success) return sendInvalid(reply, parameters.error);
          const query = tenantQuery.safeParse(request.query);
          if (!query.success) return sendInvalid(reply, query.error);
          const count = await act(parts.db, [{ tenant: query.data.tenant, id: parameters.data.id }]);
          parts.onReady();
          return { count };
        });
        scope.post(`/dead-letters/${action}`, async (request, reply) => {
          const query = bulkQuery.safeParse(request.query);
          if (!query.success) return sendInvalid(reply, query.error);
          const { tenant, code, flow } = query.data;
          const count = await actOnDeadLetters(parts.db, { ...(tenant && { tenant }), ...(code && { code }), ...(flow && { flow }) }, act);
          parts.onReady();
          return { count };
        });
      }
    },
    { prefix: "/v1" },
  );
}

async function readFigures({ db, counters }: ApiParts): Promise<object> {
  return {
    received: counters.get("ingress.received"),
    accepted: counters.get("ingress.accepted"),
    duplicate: counters.get("ingress.duplicate"),
    ignored: counters.get("ingress.ignored"),
    quarantined: counters.get("ingress.quarantined"),
    rejected: counters.under("ingress.rejected."),
    waiting: await countWaiting(db),
    delivered: counters.get("message.delivered"),
    superseded: counters.get("message.superseded"),
    retried: counters.get("message.retried"),
    waited: counters.get("message.waited"),
    deadLettered: counters.get("message.dead-lettered"),
    takenOver: counters.get("mailbox.taken-over"),
    leasesLost: counters.get("mailbox.lease-lost"),
    threadsEnded: counters.get("flow.thread-ended"),
  };
}

function isAdmin(authorization: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${token}`));
}

function sendInvalid(reply: FastifyReply, error: z.ZodError): FastifyReply {
  const detail = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  return sendProblem(reply, "API_REQUEST_INVALID", detail);
}
