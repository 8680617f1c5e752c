import { seededRandom, seedFor } from "@belay/testkit";
import { isBelayError } from "@belay/sdk";
import type { Db } from "../../../packages/server/src/db/index.ts";
import { approveDeletes, pauseSync, refuseDeletes, resumeSync, runSync } from "../../../packages/server/src/syncs/index.ts";
import type { Cipher } from "../../../packages/server/src/vault/index.ts";
import { vaultOf } from "../../setup/vault.ts";
import { beginningMs } from "../kernel/clocks.ts";
import { toDb } from "../kernel/kernel-database.ts";
import type { HistoryDatabase } from "../kernel/line.ts";
import { Lurking } from "../kernel/lurking.ts";
import { type Broken, Observer } from "../kernel/observer.ts";
import { VirtualTime } from "../kernel/virtual-time.ts";
import { accountOf, World } from "../kernel/world.ts";
import { ChangeLog, type Row, rowToJson } from "./change-log.ts";
import { checkTables } from "./check-tables.ts";
import { checkVersions, compareSides, readVersions } from "./compare-sides.ts";
import { FeedReader } from "./feed-reader.ts";
import { SourceProvider } from "./provider.ts";
import { connectionId, type Edit, type SyncHistory, syncId, type SyncStep, tenant } from "./steps.ts";
import { makeSyncConfig } from "./sync-config.ts";
import { SyncProcess } from "./sync-process.ts";

/** What came of one history. */
export interface PlayedSync {
  /** Over everything that was observed, in order. */
  readonly digest: string;
  /** The first broken promises, found at one look; empty when all were kept. */
  readonly broken: readonly Broken[];
  /** The number of the step after which they were found; undefined at the end. */
  readonly after: number | undefined;
  readonly edits: number;
  /** Faults that have struck. */
  readonly faults: number;
  readonly walks: number;
  /** Whether the last walk proved that it saw everything, so that what is gone had to be found. */
  readonly proven: boolean;
  readonly lines: readonly string[];
}

/** What lies in wait may still strike for so long; after that nothing goes wrong any more. */
const calmAfterMs = 5_000;
const lookMs = 2_000;
/** With no faults left nothing needs longer; what still waits then waits for ever. */
const longestRestMs = 10 * 60_000;
const key = { tenant, sync: syncId, connection: connectionId };
const account = { tenant, target: "zendesk" };

export async function playSyncHistory(database: HistoryDatabase, history: SyncHistory, keepLines = false): Promise<PlayedSync> {
  await database.reset();
  database.setClock(beginningMs);
  const play = new SyncPlay(database, history, keepLines);
  return await play.run();
}

type Lying = Edit | Extract<SyncStep, { kind: "forget" }>;

class SyncPlay {
  readonly #time = new VirtualTime();
  readonly #database: HistoryDatabase;
  readonly #observer: Observer;
  readonly #history: SyncHistory;
  readonly #log: ChangeLog;
  readonly #provider: SourceProvider<Row>;
  readonly #world: World<SyncProcess>;
  readonly #reader: FeedReader;
  readonly #lying = new Lurking<Lying>();
  #waiting: Lying[] = [];
  /** Outside the schedule: what people do. */
  readonly #db: Db;
  readonly #cipher: Cipher;
  #lookedAt = -1;

  constructor(database: HistoryDatabase, history: SyncHistory, keepLines: boolean) {
    const { seed, setting } = history;
    this.#database = database;
    this.#history = history;
    this.#observer = new Observer(keepLines);
    this.#db = toDb(async () => ({ run: (text, parameters) => database.run(text, parameters), release: () => {} }));
    this.#cipher = vaultOf(this.#db);
    const random = (name: string): (() => number) => seededRandom(seedFor(seed, name));
    this.#log = new ChangeLog(setting.shape, () => this.#world.clocks.worldMs(), random("log"));
    this.#provider = new SourceProvider({
      shape: setting.shape,
      log: this.#log,
      toJson: rowToJson,
      random: random("provider"),
      onServed: () => this.#served(),
    });
    const config = makeSyncConfig(setting);
    this.#world = new World({
      time: this.#time,
      database,
      observer: this.#observer,
      providers: this.#provider,
      accountOf: () => accountOf(account),
      createProcess: (ports) => new SyncProcess({ ...ports, config }),
      seed,
      setting,
      longestStatementMs: setting.statementMs,
    });
    for (let made = 0; made < setting.records; made += 1) this.#log.create();
    this.#reader = new FeedReader(this.#db, this.#cipher, random("reader"));
  }

  async run(): Promise<PlayedSync> {
    // Makes the tenant's key, which outlives a history: the first one must not differ from those after it.
    await this.#cipher.seal([{ tenant, purpose: "first", value: Buffer.from("first") }]);
    await this.#reader.define();
    for (const step of this.#history.steps) {
      await this.#time.runUntil(step.atMs);
      this.#observer.note(this.#time.now, "step", String(step.number));
      await this.#apply(step);
      const broken = await this.#look();
      if (broken.length > 0) return await this.#result(broken, step.number);
    }
    return await this.#result(await this.#finish(), undefined);
  }

  async #apply(step: SyncStep): Promise<void> {
    switch (step.kind) {
      case "edit":
      case "forget":
        this.#waiting.push(step);
        return this.#lying.add(step, step.skip);
      case "run":
        return await this.#ask("run", () => runSync({ db: this.#db, cipher: this.#cipher }, key, { full: step.full }));
      case "pause":
        this.#time.after(step.forMs, undefined, () => this.#resume());
        return await this.#ask("pause", () => pauseSync({ db: this.#db, cipher: this.#cipher }, key, { actor: "somebody", why: "to see" }));
      case "decide":
        return await this.#decide(step.approves);
      default:
        return this.#world.apply(step);
    }
  }

  /** After each request to the provider others may do something there. */
  #served(): void {
    const lying = this.#lying.strike();
    if (lying !== undefined) this.#strike(lying);
  }

  #strike(lying: Lying): void {
    this.#waiting = this.#waiting.filter((one) => one !== lying);
    this.#observer.note(this.#time.now, "provider", lying.kind, lying);
    if (lying.kind === "edit") this.#log.apply(lying);
    else this.#provider.forget(lying.tokens);
  }

  /** What people ask for between two transactions; they may be told that it cannot be done. */
  async #ask(what: string, work: () => Promise<unknown>): Promise<void> {
    const said = await this.#exclusively(async () => {
      try {
        return JSON.stringify((await work()) ?? "done");
      } catch (error) {
        if (!isBelayError(error) || (error.retry !== "never" && error.code !== "SYNC_PAGE_CONTENDED")) throw error;
        return error.code;
      }
    });
    this.#observer.note(this.#time.now, "somebody", what, said);
    this.#world.wake();
  }

  async #decide(approves: boolean): Promise<void> {
    const clock = { now: () => this.#world.clocks.databaseMs(), sleep: () => Promise.reject(new Error("Nobody waits here.")) };
    const parts = { db: this.#db, cipher: this.#cipher, clock };
    const { catalog } = (this.#world.listener(0) ?? this.#world.listener(1))?.process ?? {};
    const sync = catalog?.syncs.get(syncId);
    if (approves && sync !== undefined) await this.#ask("approve", () => approveDeletes(parts, sync, key, { actor: "somebody" }));
    if (!approves) await this.#ask("refuse", () => refuseDeletes(parts, key, { actor: "somebody" }));
  }

  /** As soon as no transaction is half done. */
  #resume(): void {
    this.#world.gate.whenFree(async () => {
      this.#database.setClock(this.#world.clocks.databaseMs());
      await resumeSync({ db: this.#db, cipher: this.#cipher }, key, { actor: "somebody" });
      this.#world.wake();
    });
  }

  /** First the sync as it goes by itself has to find what has changed; then a walk through everything has to find nothing but what was deleted without a word. */
  async #finish(): Promise<Broken[]> {
    const sooner = await this.#passTime(calmAfterMs);
    if (sooner.length > 0) return sooner;
    this.#world.calm();
    this.#lying.clear();
    for (const lying of this.#waiting) this.#strike(lying);
    this.#resume();
    // A walk that was under way may have begun before the last edit; the one after it has not. Neither may one that could prove nothing.
    const changes = (await this.#walk(false)) ?? (await this.#walk(false)) ?? (await this.#compareApproved());
    if (changes.length > 0) return changes;
    const everything = await this.#walk(true);
    if (everything !== undefined) return everything;
    await this.#decide(true);
    return await this.#lastLook(await this.#isProven());
  }

  /** Where the provider has named many as deleted, they wait for somebody. */
  async #compareApproved(): Promise<Broken[]> {
    await this.#decide(true);
    return await this.#compare(false);
  }

  async #walk(full: boolean): Promise<Broken[] | undefined> {
    const unrested = await this.#rest();
    if (unrested !== undefined) return unrested;
    await this.#ask("run", () => runSync({ db: this.#db, cipher: this.#cipher }, key, { full }));
    return await this.#rest();
  }

  /** @returns what is wrong, if something is, once no walk is under way. */
  async #rest(): Promise<Broken[] | undefined> {
    const givenUpAt = this.#time.now + longestRestMs;
    while (this.#time.now < givenUpAt) {
      const broken = await this.#passTime(lookMs);
      if (broken.length > 0) return broken;
      if (await this.#exclusively(() => this.#isAtRest())) return undefined;
    }
    return [{ kind: "endless", text: `a sync without faults has not come to rest within ${longestRestMs / 60_000} min` }];
  }

  async #isAtRest(): Promise<boolean> {
    const [row] = await this.#database.run(
      `select exists (select from belay.message) or exists (select from belay.mailbox where leased) or exists (select from belay.walk where state = 'open')
        or exists (select from belay.sync where next_due <= belay.now()) as busy`,
      [],
    );
    return row?.["busy"] === false;
  }

  async #isProven(): Promise<boolean> {
    const [row] = await this.#exclusively(() =>
      this.#database.run(
        "select kind, proof is not null as proven from belay.walk where kind <> 'incremental' order by id desc limit 1",
        [],
      ),
    );
    return row?.["proven"] === true;
  }

  async #passTime(ms: number): Promise<Broken[]> {
    await this.#time.runUntil(this.#time.now + ms);
    return await this.#look();
  }

  async #look(): Promise<Broken[]> {
    if (this.#lookedAt === this.#database.commits) return [];
    const broken = await this.#exclusively(async () => {
      const found = await checkTables(this.#database, this.#log.onceGone);
      await this.#reader.read();
      return [...found, ...this.#reader.broken];
    });
    this.#lookedAt = this.#database.commits;
    return broken;
  }

  async #compare(proven: boolean): Promise<Broken[]> {
    return await this.#exclusively(async () => {
      const versions = await readVersions(this.#database, this.#cipher);
      const troubles = await this.#database.run("select external_id as id from belay.record_trouble", []);
      return [...checkVersions(versions), ...compareSides(this.#log, versions, new Set(troubles.map(({ id }) => String(id))), proven)];
    });
  }

  async #lastLook(proven: boolean): Promise<Broken[]> {
    const broken = [...(await this.#compare(proven)), ...(await this.#look())];
    return broken.length > 0 ? broken : await this.#exclusively(() => this.#checkReader());
  }

  /** Who has read the feed to its end has the very records. */
  async #checkReader(): Promise<Broken[]> {
    // What was read last and not acknowledged is lent for a moment yet.
    do this.#database.setClock((this.#clockMs += 1_000));
    while (await this.#reader.read(true));
    const versions = await readVersions(this.#database, this.#cipher);
    const ours = new Map(versions.map(({ id, data }) => [id, data]));
    const there = [...ours.values()].filter((data) => data !== undefined).map((data) => JSON.stringify(data));
    const isSame = JSON.stringify([...this.#reader.view.values()].toSorted()) === JSON.stringify(there.toSorted());
    const differs = {
      kind: "feed",
      text: `who replays the feed has ${this.#reader.view.size} records that are not the ${there.length} that there are`,
    };
    return [...this.#reader.broken, ...(isSame ? [] : [differs])];
  }

  /** Between two transactions: nothing half done is seen. */
  async #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    let outcome: { readonly result: Result } | { readonly error: unknown } | undefined;
    this.#world.gate.whenFree(async () => {
      this.#clockMs = this.#world.clocks.databaseMs();
      this.#database.setClock(this.#clockMs);
      outcome = await work().then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      );
    });
    await this.#time.runUntil(Number.POSITIVE_INFINITY, () => outcome !== undefined);
    if (outcome === undefined) throw new Error("The history ended before the database was free.");
    if ("error" in outcome) throw outcome.error;
    return outcome.result;
  }

  #clockMs = beginningMs;

  async #result(broken: readonly Broken[], after: number | undefined): Promise<PlayedSync> {
    for (const { kind, text } of broken) this.#observer.note(this.#time.now, "checker", kind, text);
    const [row] = await this.#exclusively(() => this.#database.run("select count(*)::integer as walks from belay.walk", []));
    const proven = await this.#isProven();
    return {
      digest: this.#observer.digest(),
      broken,
      after,
      edits: this.#log.edits,
      faults: this.#world.struck,
      walks: Number(row?.["walks"] ?? 0),
      proven,
      lines: this.#observer.lines,
    };
  }
}
