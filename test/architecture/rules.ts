/**
 * The arrows of the architecture: who may import what. A new arrow or a new package is a reviewed change with a line in
 * `docs/decisions/`.
 *
 * @module
 */

/** Workspace packages that code in a folder may import at run time. `import type` obeys the same table unless listed in `typeImports`. */
export const packageImports = {
  "packages/sdk": [],
  "packages/testkit": ["@belay/sdk"],
  "packages/server": ["@belay/sdk"],
  // The testkit only lazily, for the commands of development: docs/decisions/0005.
  "packages/cli": ["@belay/sdk", "@belay/server", "@belay/testkit"],
  // Its own code imports nothing but Node; its templates import what a new project does.
  "packages/create-belay": ["@belay/sdk", "@belay/testkit", "@belay/connector-*"],
  "packages/dashboard": [],
  "connectors/*": ["@belay/sdk"],
  "examples/*": ["@belay/sdk", "@belay/server", "@belay/testkit", "@belay/cli", "@belay/connector-*"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What may be imported beyond that as types only. The dashboard meets the server over HTTP and through its types. */
export const typeImports = {
  "packages/dashboard": ["@belay/sdk", "@belay/server"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Tests beside the source may use the simulator as well. */
export const testImports = ["@belay/sdk", "@belay/testkit"] as const;

/** Where third-party packages are confined to. A package that is not listed may be used wherever its package.json names it. */
export const confinedPackages = {
  "pg-boss": ["packages/server/src/engine/"],
  // Kysely has no LISTEN, which needs a connection of its own.
  pg: ["packages/server/src/db/"],
  // What makes OpenTelemetry's packages load; see open-otlp.ts.
  "@opentelemetry/api": ["packages/server/src/tracing/"],
  "@opentelemetry/exporter-logs-otlp-proto": ["packages/server/src/tracing/open-otlp.ts"],
  "@opentelemetry/exporter-trace-otlp-proto": ["packages/server/src/tracing/open-otlp.ts"],
  "@opentelemetry/resources": ["packages/server/src/tracing/open-otlp.ts"],
  "@opentelemetry/sdk-logs": ["packages/server/src/tracing/open-otlp.ts"],
  "@opentelemetry/sdk-trace": ["packages/server/src/tracing/open-otlp.ts"],
  "@electric-sql/pglite": ["packages/server/src/db/"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Everything a connector imports, its tests aside: it runs in the author's hands, in a worker and in a browser. */
export const connectorImports = ["@belay/sdk", "zod"] as const;

const foundation = ["db", "telemetry"] as const;

/**
 * Slices of `packages/server/src`, lowest first: each imports only what is listed, and of that only `index.ts`. Low slices never call
 * up: they commit a message or a job, and `main.ts`, which may import every slice, registers who handles it.
 */
export const sliceImports = {
  db: [],
  telemetry: [],
  audit: [...foundation],
  access: [...foundation, "audit"],
  engine: [...foundation],
  vault: [...foundation, "audit", "engine"],
  // It speaks with providers and keeps nothing.
  oauth: [...foundation],
  stream: [...foundation, "engine"],
  references: [...foundation, "engine", "vault"],
  feed: [...foundation, "engine", "vault"],
  mailbox: [...foundation, "engine", "vault", "references", "stream"],
  breakers: [...foundation, "stream", "mailbox"],
  limits: [...foundation, "engine"],
  fallbacks: [...foundation, "engine", "vault"],
  cache: [...foundation, "engine", "vault"],
  catalog: [...foundation, "audit"],
  credentials: [...foundation, "vault", "stream", "catalog", "oauth"],
  contracts: [...foundation, "engine", "catalog"],
  connections: [...foundation, "engine", "vault", "stream", "catalog"],
  connect: [...foundation, "engine", "vault", "stream", "catalog", "oauth", "connections", "credentials"],
  traffic: [...foundation, "engine", "stream", "mailbox", "catalog"],
  batches: [...foundation, "engine", "mailbox", "catalog", "vault"],
  ingress: [...foundation, "engine", "mailbox", "limits", "catalog", "vault", "contracts", "references", "stream"],
  records: [...foundation, "vault", "engine", "stream", "catalog", "feed"],
  identity: [...foundation, "vault", "engine", "stream", "feed", "records"],
  outbox: [...foundation, "audit", "engine", "mailbox", "limits", "catalog", "vault"],
  syncs: [...foundation, "vault", "engine", "mailbox", "stream", "catalog", "feed", "records", "identity"],
  // It merges what syncs have read, and reads the change feed for that.
  "two-way": [...foundation, "vault", "engine", "mailbox", "stream", "catalog", "feed", "records", "identity", "syncs"],
  flow: [
    ...foundation,
    "audit",
    "engine",
    "mailbox",
    "limits",
    "catalog",
    "vault",
    "contracts",
    "records",
    "syncs",
    "two-way",
    "outbox",
    "references",
    "stream",
    "credentials",
    "breakers",
    "cache",
  ],
  // They look back on runs, and are told of them by `main.ts`.
  exchanges: [...foundation, "engine", "mailbox", "vault", "flow"],
  tracing: [...foundation, "mailbox", "flow"],
  measures: [...foundation, "engine", "mailbox", "catalog", "cache", "flow"],
  // Calls providers for the host application; counted and written down by `main.ts`.
  proxy: [...foundation, "access", "catalog", "credentials"],
  // Reads what is kept, and calls providers on behalf of whoever waits.
  unified: [...foundation, "vault", "catalog", "records", "syncs", "proxy"],
  views: [...foundation, "vault", "catalog", "feed", "records", "syncs"],
  reconcile: [...foundation, "vault", "engine", "mailbox", "stream", "catalog", "feed", "records", "syncs"],
  release: [...foundation, "audit", "engine", "mailbox", "catalog", "contracts", "flow"],
  alerts: [...foundation, "audit", "engine", "mailbox", "catalog", "outbox"],
  insight: [
    ...foundation,
    "audit",
    "engine",
    "mailbox",
    "limits",
    "catalog",
    "vault",
    "contracts",
    "ingress",
    "records",
    "outbox",
    "flow",
    "alerts",
    "stream",
    "references",
    "oauth",
    "credentials",
    "exchanges",
    "measures",
    "feed",
    // Their errors, in words.
    "syncs",
    "two-way",
  ],
  // It looks at what gives access, wherever that lies.
  review: [...foundation, "access", "engine", "vault", "stream", "catalog", "credentials", "connect"],
  // prettier-ignore
  api: [
    ...foundation, "audit", "access", "engine", "mailbox", "limits", "catalog", "vault", "contracts", "ingress", "records", "outbox", "flow",
    "reconcile", "release", "alerts", "insight", "stream", "references", "exchanges", "measures", "connections", "connect", "oauth", "credentials",
    "proxy", "traffic", "review", "breakers", "feed", "syncs", "batches", "unified", "cache", "views",
    "identity", "two-way",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;
