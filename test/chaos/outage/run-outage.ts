import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { seededRandom, seedFor } from "@belay/testkit";
import { type Database, migrate, openDatabase } from "../../../packages/server/src/db/index.ts";
import { commitMessages, sealWork } from "../../../packages/server/src/mailbox/index.ts";
import { openVault, parseMasterKeys } from "../../../packages/server/src/vault/index.ts";
import { testMasterKey } from "../../setup/vault.ts";
import { drillConfig, type DrillSize, type Made, tenantOf } from "./drill-config.ts";
import { startDrillProcess } from "./drill-process.ts";
import { DrillProvider, type SeenCall } from "./drill-provider.ts";
import { MovedClock } from "./moved-clock.ts";

export interface OutageScale extends DrillSize {
  readonly messages: number;
  /** How long the provider is away, by the moved clock, ms. */
  readonly awayMs: number;
  /** Order keys of each connection. */
  readonly keys: number;
  readonly processes: number;
}

const common = { connections: 100, tenants: 20, keys: 10, processes: 2 };
export const fullOutage: OutageScale = { ...common, messages: 200_000, awayMs: 3_600_000, allowedPerSecond: 600 };
export const quickOutage: OutageScale = { ...common, messages: 10_000, awayMs: 600_000, allowedPerSecond: 300 };

export interface OutageOptions {
  readonly seed: number;
  readonly scale: OutageScale;
  /** A PostgreSQL of its own. */
  readonly databaseUrl: string;
  readonly signal: AbortSignal;
  readonly onProgress: (status: string) => void;
}

export interface OutageReport {
  readonly figures: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** The longest pause between two probes. */
const probePeriodMs = 60_000;
/** Until the provider's breaker opens, connections find out for themselves. */
const findOutMs = 10_000;
const standstillMs = 60_000;
const atOnce = 1_000;
const lookMs = 100;
/** Shorter pauses pass by themselves. */
const worthwhileMs = 1_000;

/** Lets a provider be away for an hour of moved clock while work piles up, and looks at what it got: meanwhile, and after. */
export async function runOutage(options: OutageOptions): Promise<OutageReport> {
  const { scale, seed, databaseUrl, onProgress, signal } = options;
  await using ends = new AsyncDisposableStack();
  const clock = new MovedClock();
  const database = openDatabase({ kind: "postgres", url: databaseUrl, connections: 3 });
  ends.defer(async () => await database.close());
  await migrate(database.db);
  await clock.takeOver(database.db);
  const provider = new DrillProvider(() => clock.now());
  const config = drillConfig(await provider.listen(), scale);
  ends.defer(async () => await provider.close());

  provider.away = true;
  await fill(database, clock, scale, (count) => onProgress(`${count} messages wait`));
  const awaySince = clock.now();
  for (let index = 0; index < scale.processes; index += 1) {
    const random = seededRandom(seedFor(seed, `process ${index}`));
    ends.use(await startDrillProcess({ url: databaseUrl, config, clock, random }));
  }
  while (clock.now() < awaySince + scale.awayMs && !signal.aborted) {
    await pause(lookMs);
    const idleMs = Math.min(await idleFor(database), awaySince + scale.awayMs - clock.now());
    if (idleMs > worthwhileMs) await clock.putForward(database.db, idleMs - lookMs);
    onProgress(`away for ${Math.round((clock.now() - awaySince) / 60_000)} min, ${provider.whileAway.length} calls`);
  }
  const waiting = await countMessages(database);
  const burnt = await countBurnt(database);
  provider.away = false;
  const backAt = clock.now();
  const drained = await drain(database, options, provider);
  return judge(scale, { awaySince, backAt, waiting, burnt, drained, provider, incidents: await countIncidents(database) });
}

async function fill(database: Database, clock: MovedClock, scale: OutageScale, onCount: (count: number) => void): Promise<void> {
  const { db } = database;
  const cipher = openVault({ db, provider: parseMasterKeys(testMasterKey), clock });
  for (let from = 0; from < scale.messages; from += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, scale.messages - from) }, (_, index) => from + index);
    const messages = numbers.map((number) => toMessage(number, scale));
    const sealed = await sealWork(cipher, [{ messages, quarantined: [] }]);
    await db.transaction().execute(async (tx) => await commitMessages(tx, sealed));
    onCount(from + numbers.length);
  }
}

function toMessage(number: number, scale: OutageScale) {
  const index = number % scale.connections;
  const sequence = Math.floor(number / scale.connections);
  const connection = `c${index}`;
  const made: Made = { connection, key: `k${sequence % scale.keys}`, sequence };
  return {
    tenant: tenantOf(index, scale),
    target: connection,
    lane: "event" as const,
    orderKey: `${connection}/${made.key}`,
    flow: "write",
    connection,
    eventKey: `e${number}`,
    eventType: "made",
    version: null,
    payload: Buffer.from(JSON.stringify(made)),
    trace: null,
  };
}

/** For how long nothing is due and nobody works on anything, ms; 0: something is under way. */
async function idleFor(database: Database): Promise<number> {
  const { rows } = await sql<{ busy: boolean; ms: number | null }>`
    select coalesce(bool_or(leased or in_line), false) as busy,
      (extract(epoch from min(due_at) - (select belay.now())) * 1000)::float8 as ms
    from belay.mailbox where due_at is not null
  `.execute(database.db);
  const [row] = rows;
  return row === undefined || row.busy ? 0 : Math.max(0, row.ms ?? 0);
}

async function countMessages(database: Database): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::integer as n from belay.message`.execute(database.db);
  return rows[0]?.n ?? 0;
}

/** Attempts that messages lost, those included that ended as dead letters. */
async function countBurnt(database: Database): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select (select coalesce(sum(attempts), 0) from belay.message)::integer + (select coalesce(sum(attempts), 0) from belay.dead_letter)::integer as n
  `.execute(database.db);
  return rows[0]?.n ?? 0;
}

async function countIncidents(database: Database): Promise<{ began: number; ended: number }> {
  const { rows } = await sql<{ began: number; ended: number }>`
    select count(*) filter (where type = 'provider.outage-began')::integer as began, count(*) filter (where type = 'provider.outage-ended')::integer as ended from belay.event
  `.execute(database.db);
  return rows[0] ?? { began: 0, ended: 0 };
}

async function drain(database: Database, { scale, signal, onProgress }: OutageOptions, provider: DrillProvider): Promise<boolean> {
  let best = provider.calls.length;
  let movedAt = Date.now();
  while (provider.calls.length < scale.messages && !signal.aborted) {
    await pause(250);
    onProgress(`${provider.calls.length} of ${scale.messages} written`);
    if (provider.calls.length > best) movedAt = Date.now();
    best = provider.calls.length;
    if (Date.now() - movedAt > standstillMs) return false;
  }
  for (let look = 0; look < 100; look += 1) {
    if ((await countMessages(database)) === 0) return true;
    await pause(200);
  }
  return false;
}

interface Seen {
  readonly awaySince: number;
  readonly backAt: number;
  readonly waiting: number;
  readonly burnt: number;
  readonly drained: boolean;
  readonly provider: DrillProvider;
  readonly incidents: { readonly began: number; readonly ended: number };
}

function judge(scale: OutageScale, seen: Seen): OutageReport {
  const { awaySince, backAt, waiting, burnt, drained, incidents } = seen;
  const { calls, whileAway } = seen.provider;
  const findingOut = whileAway.filter((at) => at < awaySince + findOutMs).length;
  const probes = whileAway.length - findingOut;
  const mostProbes = Math.ceil(scale.awayMs / probePeriodMs) + 8;
  const firstMs = (calls[0]?.at ?? Number.POSITIVE_INFINITY) - backAt;
  const { lost, doubled, outOfOrder } = compare(calls, scale);
  const lastMs = (calls.at(-1)?.at ?? backAt) - backAt;
  const perSecond = calls.length / Math.max(0.001, (lastMs - firstMs) / 1_000);
  const figures = {
    waiting,
    awayMinutes: Math.round((backAt - awaySince) / 60_000),
    callsFindingOut: findingOut,
    probes,
    attemptsBurnt: burnt,
    firstSuccessMs: Math.round(firstMs),
    drainedPerSecond: Math.round(perSecond),
    allowedPerSecond: scale.allowedPerSecond,
    mostInASecond: mostInASecond(calls),
    lost,
    doubled,
    outOfOrder,
    repeatedCalls: calls.length - scale.messages,
    outagesBegan: incidents.began,
    outagesEnded: incidents.ended,
  };
  const violations = [
    ...(drained ? [] : ["The backlog was not drained."]),
    ...(probes > mostProbes ? [`The provider got ${probes} calls while it was away; probes are ${mostProbes} at most.`] : []),
    ...(burnt > 0 ? [`${burnt} attempts were burnt while nothing could succeed.`] : []),
    ...(firstMs > probePeriodMs
      ? [`The first success came ${Math.round(firstMs)} ms after the provider was back; a probe period is ${probePeriodMs} ms.`]
      : []),
    ...(figures.mostInASecond > scale.allowedPerSecond
      ? [`${figures.mostInASecond} calls came within a second; ${scale.allowedPerSecond} are allowed.`]
      : []),
    ...(perSecond < scale.allowedPerSecond * 0.8
      ? [`Drained at ${Math.round(perSecond)} a second; ${scale.allowedPerSecond} are allowed.`]
      : []),
    ...(lost + doubled + outOfOrder > 0 ? [`${lost} lost, ${doubled} doubled, ${outOfOrder} out of order.`] : []),
    ...(incidents.began === 1 && incidents.ended === 1
      ? []
      : [`One outage was told as ${incidents.began} that began and ${incidents.ended} that ended.`]),
  ];
  return { figures, violations };
}

/** What the provider has of each key, against what it should have. */
function compare(calls: readonly SeenCall[], scale: OutageScale): { lost: number; doubled: number; outOfOrder: number } {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  const keys = new Set<string>();
  let [doubled, outOfOrder] = [0, 0];
  for (const { connection, key, sequence, idempotencyKey } of calls) {
    // The provider honours the key: a repeated call is no second effect.
    if (keys.has(idempotencyKey)) continue;
    keys.add(idempotencyKey);
    const name = `${connection}/${sequence}`;
    if (seen.has(name)) {
      doubled += 1;
      continue;
    }
    seen.add(name);
    const of = `${connection}/${key}`;
    if (sequence < (last.get(of) ?? -1)) outOfOrder += 1;
    last.set(of, Math.max(sequence, last.get(of) ?? -1));
  }
  return { lost: scale.messages - seen.size, doubled, outOfOrder };
}

/** The most calls in any stretch of a second. */
function mostInASecond(calls: readonly SeenCall[]): number {
  let [first, most] = [0, 0];
  calls.forEach(({ at }, index) => {
    while (at - (calls[first]?.at ?? at) >= 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
