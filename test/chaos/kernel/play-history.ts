import { sql } from "kysely";
import { seededRandom, seedFor } from "@belay/testkit";
import { check, type Violation } from "../../../examples/demo/check.ts";
import type { Db } from "../../../packages/server/src/db/index.ts";
import { replayDeadLetters } from "../../../packages/server/src/mailbox/index.ts";
import { sweepSteps } from "../../../packages/server/src/mailbox/maintenance.ts";
import { beginningMs } from "./clocks.ts";
import { Deliveries } from "./deliveries.ts";
import { checkRest, checkTables } from "./invariants.ts";
import { makeConfig } from "./kernel-config.ts";
import { toDb } from "./kernel-database.ts";
import { KernelProcess } from "./kernel-process.ts";
import type { HistoryDatabase } from "./line.ts";
import { type Broken, Observer } from "./observer.ts";
import { Providers, targetOf, tenantOf } from "./providers.ts";
import { RunFailures } from "./run-failures.ts";
import { blockedPrefix } from "./source-events.ts";
import { type History, tenantNames } from "./steps.ts";
import { VirtualTime } from "./virtual-time.ts";
import { accountOf, World } from "./world.ts";
import { vaultOf } from "../../setup/vault.ts";

/** What came of one history. */
export interface Played {
  /** Over everything that was observed, in order. */
  readonly digest: string;
  /** The first broken promises, found at one look; empty when all were kept. */
  readonly broken: readonly Broken[];
  /** The number of the step after which they were found; undefined at the end. */
  readonly after: number | undefined;
  /** Deliveries of webhooks, repeated ones among them. */
  readonly deliveries: number;
  /** Faults that have struck. */
  readonly faults: number;
  readonly observed: number;
  readonly lines: readonly string[];
}

/** Looks after the last step grow apart, so that an idle end costs little. */
const firstLookMs = 2_000;
const longestLookMs = 60_000;
/** What lies in wait may still strike whoever takes over from a dead process; after that nothing goes wrong any more, and all has to come to its end. */
const calmAfterMs = 16_000;
/** With some faults left no message needs longer; what still waits then waits for ever. */
const longestEndMs = 2 * 3_600_000;
const dayMs = 86_400_000;

export async function playHistory(database: HistoryDatabase, history: History, keepLines = false): Promise<Played> {
  await database.reset();
  database.setClock(beginningMs);
  await makeKeys(toDb(async () => ({ run: (text, parameters) => database.run(text, parameters), release: () => {} })));
  const play = await Play.open(database, history, keepLines);
  return await play.run();
}

/** Makes the tenants' keys, which outlive a history: the first one must not differ from those after it. */
async function makeKeys(db: Db): Promise<void> {
  await vaultOf(db).seal(tenantNames.map((tenant) => ({ tenant, purpose: "first", value: Buffer.from("first") })));
}

class Play {
  readonly #time: VirtualTime;
  readonly #database: HistoryDatabase;
  readonly #observer: Observer;
  readonly #providers: Providers;
  readonly #world: World<KernelProcess>;
  readonly #failures = new RunFailures();
  readonly #deliveries: Deliveries;
  readonly #history: History;
  /** What there was at the last look: without news there is nothing to see. */
  #lookedAt = { commits: -1, acknowledged: -1 };
  /** Outside the schedule: what a person does at the end. */
  readonly #db: Db;

  private constructor(database: HistoryDatabase, history: History, observer: Observer, time: VirtualTime, providers: Providers) {
    const limits =
      history.setting.requestsPer10s === undefined ? undefined : [{ requests: history.setting.requestsPer10s, per: "10s" as const }];
    this.#time = time;
    this.#database = database;
    this.#observer = observer;
    this.#providers = providers;
    this.#history = history;
    const { seed, setting } = history;
    database.setClock(beginningMs);
    const config = makeConfig(limits);
    this.#world = new World({
      time,
      database,
      observer,
      providers,
      accountOf: (request) => accountOf({ tenant: tenantOf(request), target: targetOf(request) }),
      createProcess: (ports) => new KernelProcess({ ...ports, config, onRunEnd: (message, end) => this.#failures.count(message, end) }),
      seed,
      setting,
    });
    this.#deliveries = new Deliveries(this.#world, time, observer, seededRandom(seedFor(seed, "deliveries")));
    this.#db = toDb(async () => ({ run: (text, parameters) => database.run(text, parameters), release: () => {} }));
  }

  static async open(database: HistoryDatabase, history: History, keepLines: boolean): Promise<Play> {
    const limits =
      history.setting.requestsPer10s === undefined ? undefined : [{ requests: history.setting.requestsPer10s, per: "10s" as const }];
    const time = new VirtualTime();
    const providers = await Providers.open(() => beginningMs + time.now, limits);
    return new Play(database, history, new Observer(keepLines), time, providers);
  }

  async run(): Promise<Played> {
    const { steps } = this.#history;
    for (const [index, step] of steps.entries()) {
      await this.#time.runUntil(step.atMs);
      this.#observer.note(this.#time.now, "step", String(step.number));
      if (step.kind === "event") this.#deliveries.send(step);
      else if (step.kind === "delivery-fault") this.#deliveries.faults.add(step.what, step.skip);
      else this.#world.apply(step);
      // Steps at the same time are one: nothing happens between them.
      if (steps[index + 1]?.atMs === step.atMs) continue;
      const broken = await this.#look();
      if (broken.length > 0) return this.#result(broken, step.number);
    }
    return this.#result(await this.#finish(), undefined);
  }

  async #finish(): Promise<Broken[]> {
    await this.#time.runUntil(this.#time.now + firstLookMs);
    const broken = await this.#drain(true);
    if (broken.length > 0) return broken;
    if ((await this.#replayUnauthorized()) > 0) {
      const again = await this.#drain(false);
      if (again.length > 0) return again;
    }
    return await this.#exclusively(() => this.#lastLook());
  }

  /** Runs until nothing waits any more, or longer than anything may. */
  async #drain(mayFail: boolean): Promise<Broken[]> {
    const givenUpAt = this.#time.now + longestEndMs;
    for (let lookMs = firstLookMs; ; lookMs = Math.min(longestLookMs, lookMs * 2)) {
      if (!mayFail || lookMs > calmAfterMs) {
        this.#world.calm();
        this.#deliveries.faults.clear();
      }
      await this.#time.runUntil(this.#time.now + lookMs);
      const broken = await this.#look();
      if (broken.length > 0) return broken;
      if (this.#deliveries.open === 0 && (await this.#exclusively(() => this.#isAtRest()))) return [];
      if (this.#time.now >= givenUpAt) return [];
    }
  }

  async #isAtRest(): Promise<boolean> {
    const { rows } = await sql<{ busy: boolean }>`
      select exists (select from belay.message) or exists (select from belay.mailbox where leased) as busy`.execute(this.#db);
    return rows[0]?.busy === false;
  }

  /** Somebody has renewed the token, and replays what had died without it. */
  async #replayUnauthorized(): Promise<number> {
    const replayed = await this.#exclusively(async () => {
      const { rows } = await sql<{ tenant: string; id: number }>`
        select tenant, id from belay.dead_letter where code like '%UNAUTHORIZED' order by id`.execute(this.#db);
      return rows.length === 0 ? 0 : await replayDeadLetters(this.#db, rows);
    });
    if (replayed > 0) this.#world.wake();
    return replayed;
  }

  async #look(): Promise<Broken[]> {
    const { commits } = this.#database;
    const acknowledged = this.#deliveries.acknowledged.size;
    if (this.#lookedAt.commits === commits && this.#lookedAt.acknowledged === acknowledged) return [];
    this.#lookedAt = { commits, acknowledged };
    const tables = await this.#exclusively(() =>
      checkTables(this.#database, {
        acknowledged: [...this.#deliveries.acknowledged.values()].map(({ tenant, source, id }) => ({
          tenant,
          connection: `${tenant}-${source}`,
          event: id,
        })),
        failedRuns: [...this.#failures.runs].map(([message, runs]) => ({ message, runs })),
      }),
    );
    const effects = this.#checkEffects([]).filter(({ kind }) => kind !== "lost");
    return [...tables, ...effects.map(toBroken), ...this.#deliveries.refusals.map((text) => ({ kind: "refused", text }))];
  }

  async #lastLook(): Promise<Broken[]> {
    const { rows: sealed } = await sql<SealedLetter>`
      select tenant, flow, order_key, code, error, payload from belay.dead_letter order by id`.execute(this.#db);
    const rows = await Promise.all(sealed.map((letter) => openLetter(this.#db, letter)));
    const wrong = rows.filter(({ payload }) => !payload.includes(blockedPrefix));
    // An order key begins with its connection.
    const deadLetters = rows.map(({ tenant, flow, order_key }) => `${tenant}/${flow}/${order_key.slice(order_key.indexOf("/") + 1)}`);
    this.#database.setClock(this.#world.clocks.databaseMs() + 2 * dayMs);
    await sweepSteps(this.#db);
    return [
      ...(await checkRest(this.#database)),
      ...wrong.map(({ order_key, code, error }) => ({
        kind: "dead-letter",
        text: `the target would take the event of ${order_key}, and it is a dead letter (${code}: ${error})`,
      })),
      ...this.#checkEffects(deadLetters).map(toBroken),
    ];
  }

  /** What the targets hold against what was sent; an event counts as asked for from its first sending. */
  #checkEffects(deadLetters: readonly string[]): readonly Violation[] {
    const { violations } = check({ acknowledged: [...this.#deliveries.sent.values()], records: this.#providers.records(), deadLetters });
    // What died with its outcome unknown may have been done; later events go on without it, and its replay does it again.
    return violations.filter(({ kind, entity, message }) => {
      const repeats = kind === "out-of-order" || (kind === "doubled" && message.includes("took effect"));
      return !repeats || !this.#failures.diedUnauthorized.has(entity);
    });
  }

  /** Between two transactions: nothing half done is seen. */
  async #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    let outcome: { readonly result: Result } | undefined;
    this.#world.gate.whenFree(async () => {
      this.#database.setClock(this.#world.clocks.databaseMs());
      outcome = { result: await work() };
    });
    await this.#time.runUntil(Number.POSITIVE_INFINITY, () => outcome !== undefined);
    if (outcome === undefined) throw new Error("The history ended before the database was free.");
    return outcome.result;
  }

  #result(broken: readonly Broken[], after: number | undefined): Played {
    const { attempts, struck } = this.#deliveries;
    for (const { kind, text } of broken) this.#observer.note(this.#time.now, "checker", kind, text);
    return {
      digest: this.#observer.digest(),
      broken,
      after,
      deliveries: attempts,
      faults: struck + this.#world.struck,
      observed: this.#observer.events,
      lines: this.#observer.lines,
    };
  }
}

function toBroken({ kind, entity, message }: Violation): Broken {
  return { kind, text: `${entity}: ${message}` };
}

interface SealedLetter {
  readonly tenant: string;
  readonly flow: string;
  readonly order_key: string;
  readonly code: string;
  readonly error: Uint8Array;
  readonly payload: Uint8Array;
}

async function openLetter(
  db: Db,
  letter: SealedLetter,
): Promise<Omit<SealedLetter, "error" | "payload"> & { error: string; payload: string }> {
  const { tenant } = letter;
  const [error = "", payload = ""] = await vaultOf(db).open([
    { tenant, purpose: "message.error", value: letter.error },
    { tenant, purpose: "message.payload", value: letter.payload },
  ]);
  return { ...letter, error: Buffer.from(error).toString(), payload: Buffer.from(payload).toString() };
}
