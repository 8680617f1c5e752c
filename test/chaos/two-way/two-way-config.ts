import {
  type AnyConnector,
  type Config,
  defineConfig,
  defineConnector,
  defineSync,
  defineTwoWay,
  type Resource,
  Secret,
  type Sync,
} from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import type { ConflictRule } from "@belay/sdk/two-way";
import { z } from "zod";
import { changesOf, listOf } from "../sync/sync-config.ts";
import {
  baseUrls,
  connectionIds,
  connectorIds,
  type Rule,
  type Side,
  type SideSetting,
  syncIds,
  tenant,
  twoWayId,
  type TwoWaySetting,
} from "./steps.ts";

const person = z.object({
  tag: z.string(),
  email: z.string().nullable(),
  name: z.string(),
  phone: z.string(),
  note: z.string(),
});

const item = z.looseObject({ ...person.shape, id: z.string(), etag: z.string(), changed: z.string() });
const written = z.strictObject({ ...person.shape, etag: z.string() }).partial();

/** Both sides have persons, and what is made of them. */
const target = { model: "person", schema: person };

/** The configuration that somebody would write for two systems of these settings. */
export function makeTwoWayConfig(setting: TwoWaySetting): Config {
  const a = makeSide("a", setting);
  const b = makeSide("b", setting);
  const people = defineTwoWay<z.infer<typeof person>>({
    id: twoWayId,
    a: { sync: a.sync, write: (fields) => fields },
    b: { sync: b.sync, write: (fields) => fields },
    own: { note: setting.note, phone: setting.phone },
    conflict: conflictOf(setting.rule),
    deletes: setting.deletes,
  });
  return defineConfig({
    connectors: [a.connector, b.connector],
    flows: [],
    syncs: [a.sync, b.sync],
    twoWays: [people],
    connections: (["a", "b"] as const).map((side) => ({
      id: connectionIds[side],
      tenant,
      connector: connectorIds[side],
      baseUrl: baseUrls[side],
      credential: { token: new Secret(`the-token-of-${side}`) },
    })),
  });
}

function conflictOf(rule: Rule): ConflictRule {
  if (rule !== "larger") return rule;
  return ({ a, b }) => (String(a) > String(b) ? a : b);
}

function makeSide(side: Side, { everySeconds, ...setting }: TwoWaySetting): { readonly connector: AnyConnector; readonly sync: Sync } {
  const { versioned } = setting[side];
  const connector = defineConnector({
    id: connectorIds[side],
    title: connectorIds[side],
    baseUrl: baseUrls[side],
    auth: { kind: "bearer" },
    resources: { item: resourceOf(setting[side]) },
  });
  const sync = defineSync({
    id: syncIds[side],
    source: connector.item,
    target,
    every: `${everySeconds}s`,
    deletes: { maxFraction: 1, hold: "6h" },
    identity: standardRules,
    matchOn: ({ email }) => (email === null ? [] : [{ kind: "email", value: email }]),
    ...(versioned && { version: ({ changed }: z.infer<typeof item>) => changed }),
    map: ({ tag, email, name, phone, note }) => ({ tag, email, name, phone, note }),
  });
  return { connector, sync };
}

function resourceOf({ shape, create, whole }: SideSetting) {
  const changes = changesOf(shape);
  return {
    path: "/items",
    id: "id",
    schema: item,
    wrap: { many: "items" },
    list: listOf(shape),
    ...(changes && { changes }),
    get: {},
    find: { by: ["tag"], style: { kind: "query" } },
    // Fields that are not the other side's to say are left out.
    create: { input: z.strictObject(person.shape).partial(), safety: safetyOf(create) },
    update: whole
      ? { input: written, method: "PUT", safety: { kind: "natural" }, whole: { version: "etag" } }
      : { input: written, method: "PATCH", safety: { kind: "natural" } },
    delete: {},
  } as const satisfies Resource;
}

function safetyOf(create: SideSetting["create"]): NonNullable<Resource["create"]>["safety"] {
  if (create === "key") return { kind: "key", header: "Idempotency-Key", keptFor: "1d" };
  return create === "readBack" ? { kind: "readBack", readBack: { by: "tag" } } : { kind: "once" };
}
