import { sql } from "kysely";
import type { Db } from "../../packages/server/src/db/index.ts";
import { findStories, type StoryQuery } from "../../packages/server/src/insight/index.ts";
import { ReferenceWriter } from "../../packages/server/src/references/index.ts";
import { systemClock } from "../../packages/server/src/telemetry/index.ts";
import { seedableCipher } from "./seedable-cipher.ts";
import { catalogOf } from "./catalog.ts";
import { besides, emailOf, orderOf, type Shape, tenantOf } from "./seed.ts";

const searchesPerKind = 50;

interface Row {
  readonly trace: string;
  readonly eventKey: string;
  readonly orderKey: string;
}

/** How a message is asked for of which the id is known. */
const asks: Readonly<Record<string, (id: number, row: Row) => string>> = {
  message: (id) => String(id),
  trace: (_, { trace }) => trace.slice(3, 35),
  event: (_, { eventKey }) => eventKey,
  order: (_, { orderKey }) => orderKey.slice(orderKey.indexOf("/") + 1),
  reference: (id) => (id % 2 === 1 ? orderOf(id) : emailOf(id)),
};

interface Query extends StoryQuery {
  /** What must be found; without it, anything. */
  readonly id?: number;
}

export interface Measured {
  /** Of the slowest kind of handle, the time in which 95 of 100 searches were done. */
  readonly searchMs: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** Fifty searches of each kind of handle for messages drawn by the seed, with their tenant given and without. */
export async function measureSearches(db: Db, shape: Shape, seed: number, say: (status: string) => void): Promise<Measured> {
  const random = seededRandom(seed);
  const figures: Record<string, number> = {};
  const violations: string[] = [];
  let searchMs = 0;
  const measure = async (name: string, queries: readonly Query[]): Promise<void> => {
    const { times, missed } = await timeSearches(db, shape, queries);
    const at = (share: number): number => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
    figures[`${name}MedianMs`] = at(0.5);
    figures[`${name}MaxMs`] = at(1);
    searchMs = Math.max(searchMs, at(0.95));
    violations.push(...missed.map((ref) => `${name}: "${ref}" did not find its message.`));
    say(`${name}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`);
  };
  for (const [name, ask] of Object.entries(asks)) {
    const queries: Query[] = [];
    for (let n = 0; n < searchesPerKind; n += 1) {
      // One in ten lies among the dead or the waiting; they have no references here.
      const isBeside = n % 10 === 9 && name !== "reference";
      const id = isBeside ? shape.rows + 1 + Math.floor(random() * 2 * besides) : 1 + Math.floor(random() * shape.rows);
      queries.push({ ref: ask(id, await readRow(db, shape, id)), tenant: tenantOf(shape, id), limit: 50, id });
    }
    await measure(name, queries);
    await measure(
      `${name}OfAll`,
      queries.map((query) => ({ ...query, tenant: undefined })),
    );
  }
  await measure(
    "tenant",
    Array.from({ length: searchesPerKind }, () => ({ ref: `tenant-${Math.floor(random() * shape.tenants)}`, limit: 50 })),
  );
  return { searchMs, figures, violations };
}

async function timeSearches(
  db: Db,
  shape: Shape,
  queries: readonly Query[],
): Promise<{ readonly times: readonly number[]; readonly missed: readonly string[] }> {
  const parts = {
    db,
    cipher: seedableCipher,
    catalog: catalogOf(shape.tenants),
    references: new ReferenceWriter(seedableCipher),
    clock: systemClock,
  };
  const times: number[] = [];
  const missed: string[] = [];
  for (const query of queries) {
    const at = performance.now();
    const { items } = await findStories(parts, query);
    times.push(performance.now() - at);
    if (!items.some(({ message }) => query.id === undefined || message.id === query.id)) missed.push(query.ref);
  }
  return { times: times.toSorted((a, b) => a - b), missed };
}

async function readRow(db: Db, shape: Shape, id: number): Promise<Row> {
  const columns = sql.raw('trace, event_key as "eventKey", order_key as "orderKey"');
  const { rows } = await sql<Row>`
    select ${columns} from belay.history where id = ${id}
    union all select ${columns} from belay.dead_letter where id = ${id}
    union all select ${columns} from belay.message where id = ${id} and tenant = ${tenantOf(shape, id)}
  `.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error(`Message ${id} was not seeded.`);
  return row;
}

/** Mulberry32: small, and good enough to draw targets. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
