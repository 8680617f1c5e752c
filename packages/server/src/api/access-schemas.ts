import { z } from "zod";
import { type Permission, permissions, roles } from "../access/index.ts";
import { storable } from "./schemas.ts";

const time = z.iso.datetime();
const days = z.coerce.number().positive().max(3_650);
const permission = z.enum(Object.keys(permissions) as [Permission, ...Permission[]]);

export const keyId = z.object({
  id: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .describe("As it stands in the key after `belay_`."),
});

export const keyWish = z
  .object({
    name: storable.max(200).describe("What it is for."),
    role: z.enum(roles),
    tenant: storable
      .max(200)
      .optional()
      .describe("The only tenant whose things it opens. Needed for the role tenant. Default: those of all."),
    permissions: z.array(permission).min(1).optional().describe("Fewer than the role has. Default: all of the role."),
    expiresInDays: days.optional().describe("Default: never."),
  })
  .refine(({ role, tenant }) => role !== "tenant" || tenant !== undefined, {
    path: ["tenant"],
    message: "a key of the role tenant needs one",
  })
  .meta({ id: "ApiKeyWish" });

export const keyRotation = z
  .object({
    overlapHours: z.coerce.number().min(0).max(720).default(24).describe("How long the old one still works."),
    expiresInDays: days.optional().describe("When the new one ends. Default: never."),
  })
  .meta({ id: "ApiKeyRotation" });

const apiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(roles),
    tenant: z.string().nullable().describe("null: all."),
    permissions: z.array(z.string()).nullable().describe("null: all of the role."),
    createdBy: z.string(),
    createdAt: time,
    expiresAt: time.nullable(),
    lastUsedAt: time.nullable().describe("Written down once a minute."),
    revokedAt: time.nullable(),
  })
  .meta({ id: "ApiKey", description: "A key without its text, of which only a hash is kept." });
export const apiKeyPage = z.object({ items: z.array(apiKey), next: z.string().nullable() }).meta({ id: "ApiKeyPage" });
export const madeKey = z
  .object({ key: z.string().describe("The key itself. It is shown this once and kept nowhere."), apiKey })
  .meta({ id: "MadeApiKey" });
export const shownApiKey = apiKey;

const auditEntry = z
  .object({
    number: z.number().int().describe("Counted from 1, without gaps."),
    at: time,
    tenant: z.string().describe("Empty: of none, or of all."),
    actor: z.string().describe("`key:…`, `operator:…`, `admin`, or `nobody`."),
    role: z.string(),
    action: z.string().describe("The permission that it needed."),
    object: z.string(),
    outcome: z.enum(["done", "read", "refused", "failed"]),
    status: z.number().int(),
    code: z.string(),
    count: z.number().int().describe("More than 1 where refusals came too thick to be written down each."),
    address: z.string().nullable().describe("Where it came from, sealed, as base64: part of what the hash covers."),
    previous: z.string().describe("Hash of the entry before, hexadecimal."),
    hash: z.string(),
    from: z.string().nullable().optional().describe("The address in the clear, where it was asked for."),
  })
  .meta({ id: "AuditEntry" });
export const auditPage = z
  .object({ items: z.array(auditEntry), next: z.string().describe("Where to go on. At the end too: ask again later with it.") })
  .meta({ id: "AuditPage" });

const operatorRole = z.enum(["admin", "engineer", "support"]);
export const operatorId = z.object({ id: z.string().regex(/^[0-9a-f]{12}$/) });
export const sessionId = z.object({ id: z.string().regex(/^[0-9a-f]{18}$/) });
export const operators = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        name: z.string().nullable(),
        kind: z.enum(["local", "oidc"]),
        role: operatorRole.describe("At the last sign-in."),
        createdAt: time,
        signedInAt: time.nullable(),
        barredAt: time.nullable(),
      }),
    ),
  })
  .meta({ id: "Operators" });
export const operatorSessions = z
  .object({
    items: z.array(z.object({ id: z.string(), operator: z.string(), role: operatorRole, createdAt: time, seenAt: time, expiresAt: time })),
  })
  .meta({ id: "OperatorSessions" });
export const ownSession = z
  .object({
    kind: z.enum(["apiKey", "operator", "session"]),
    actor: z.string().describe("As it stands in the audit log."),
    role: z.enum(roles),
    tenant: z.string().nullable(),
    permissions: z.array(permission),
    antiForgery: z.string().nullable().describe("To be sent as X-Anti-Forgery with what changes something, where a cookie is used."),
  })
  .meta({ id: "OwnSession" });
