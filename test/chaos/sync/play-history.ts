import { seededRandom, seedFor } from "@belay/testkit";
import { approveDeletes, pauseSync, refuseDeletes, resumeSync, runSync } from "../../../packages/server/src/syncs/index.ts";
import type { HistoryDatabase } from "../kernel/line.ts";
import type { Broken } from "../kernel/observer.ts";
import { ChangeLog, type Row, rowToJson } from "./change-log.ts";
import { checkTables } from "./check-tables.ts";
import { checkVersions, compareSides, readVersions } from "./compare-sides.ts";
import { FeedReader } from "./feed-reader.ts";
import { SourceProvider } from "./provider.ts";
import { type PlayedSync, Stage } from "./stage.ts";
import { connectionId, type Edit, type SyncHistory, syncId, type SyncStep, tenant } from "./steps.ts";
import { makeSyncConfig } from "./sync-config.ts";
import { SyncProcess } from "./sync-process.ts";

const key = { tenant, sync: syncId, connection: connectionId };

export async function playSyncHistory(database: HistoryDatabase, history: SyncHistory, keepLines = false): Promise<PlayedSync> {
  return await new SyncPlay(database, history, keepLines).run();
}

type Lying = Edit | Extract<SyncStep, { kind: "forget" }>;

class SyncPlay {
  readonly #database: HistoryDatabase;
  readonly #history: SyncHistory;
  readonly #log: ChangeLog;
  readonly #provider: SourceProvider<Row>;
  readonly #reader: FeedReader;
  readonly #stage: Stage<Lying>;

  constructor(database: HistoryDatabase, history: SyncHistory, keepLines: boolean) {
    const { seed, setting } = history;
    this.#database = database;
    this.#history = history;
    const random = (name: string): (() => number) => seededRandom(seedFor(seed, name));
    this.#log = new ChangeLog(setting.shape, () => this.#stage.world.clocks.worldMs(), random("log"));
    this.#provider = new SourceProvider({
      shape: setting.shape,
      log: this.#log,
      toJson: rowToJson,
      random: random("provider"),
      onServed: () => this.#stage.served(),
    });
    const config = makeSyncConfig(setting);
    this.#stage = new Stage<Lying>({
      database,
      keepLines,
      providers: this.#provider,
      createProcess: (ports) => new SyncProcess({ ...ports, config }),
      seed,
      setting,
      tenant,
      strike: (lying) => this.#strike(lying),
      look: async () => {
        const broken = await checkTables(database, this.#log.onceGone);
        await this.#reader.read();
        return [...broken, ...this.#reader.broken];
      },
      isAtRest: () => this.#isAtRest(),
    });
    for (let made = 0; made < setting.records; made += 1) this.#log.create();
    this.#reader = new FeedReader(this.#stage.db, this.#stage.cipher, random("reader"));
  }

  async run(): Promise<PlayedSync> {
    const { time, observer } = this.#stage;
    await this.#stage.open();
    await this.#reader.define();
    for (const step of this.#history.steps) {
      await time.runUntil(step.atMs);
      observer.note(time.now, "step", String(step.number));
      await this.#apply(step);
      const broken = await this.#stage.look();
      if (broken.length > 0) return await this.#result(broken, step.number);
    }
    return await this.#result(await this.#finish(), undefined);
  }

  async #apply(step: SyncStep): Promise<void> {
    switch (step.kind) {
      case "edit":
      case "forget":
        return this.#stage.lieInWait(step, step.skip);
      case "run":
        return await this.#stage.ask("run", () => runSync(this.#stage, key, { full: step.full }));
      case "pause":
        this.#stage.time.after(step.forMs, undefined, () => this.#resume());
        return await this.#stage.ask("pause", () => pauseSync(this.#stage, key, { actor: "somebody", why: "to see" }));
      case "decide":
        return await this.#decide(step.approves);
      default:
        return this.#stage.world.apply(step);
    }
  }

  #strike(lying: Lying): void {
    this.#stage.observer.note(this.#stage.time.now, "provider", lying.kind, lying);
    if (lying.kind === "edit") this.#log.apply(lying);
    else this.#provider.forget(lying.tokens);
  }

  async #decide(approves: boolean): Promise<void> {
    const clock = { now: () => this.#stage.world.clocks.databaseMs(), sleep: () => Promise.reject(new Error("Nobody waits here.")) };
    const parts = { db: this.#stage.db, cipher: this.#stage.cipher, clock };
    const { catalog } = (this.#stage.world.listener(0) ?? this.#stage.world.listener(1))?.process ?? {};
    const sync = catalog?.syncs.get(syncId);
    if (approves && sync !== undefined) await this.#stage.ask("approve", () => approveDeletes(parts, sync, key, { actor: "somebody" }));
    if (!approves) await this.#stage.ask("refuse", () => refuseDeletes(parts, key, { actor: "somebody" }));
  }

  /** As soon as no transaction is half done. */
  #resume(): void {
    this.#stage.whenFree(async () => {
      await resumeSync(this.#stage, key, { actor: "somebody" });
      this.#stage.world.wake();
    });
  }

  /** First the sync as it goes by itself has to find what has changed; then a walk through everything has to find nothing but what was deleted without a word. */
  async #finish(): Promise<readonly Broken[]> {
    const broken = await this.#stage.calm();
    if (broken.length > 0) return broken;
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
  async #compareApproved(): Promise<readonly Broken[]> {
    await this.#decide(true);
    return await this.#compare(false);
  }

  async #walk(full: boolean): Promise<readonly Broken[] | undefined> {
    const unrested = await this.#stage.rest();
    if (unrested !== undefined) return unrested;
    await this.#stage.ask("run", () => runSync(this.#stage, key, { full }));
    return await this.#stage.rest();
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
    const [row] = await this.#stage.exclusively(() =>
      this.#database.run(
        "select kind, proof is not null as proven from belay.walk where kind <> 'incremental' order by id desc limit 1",
        [],
      ),
    );
    return row?.["proven"] === true;
  }

  async #compare(proven: boolean): Promise<readonly Broken[]> {
    return await this.#stage.exclusively(async () => {
      const versions = await readVersions(this.#database, this.#stage.cipher);
      const troubles = await this.#database.run("select external_id as id from belay.record_trouble", []);
      return [...checkVersions(versions), ...compareSides(this.#log, versions, new Set(troubles.map(({ id }) => String(id))), proven)];
    });
  }

  async #lastLook(proven: boolean): Promise<readonly Broken[]> {
    const broken = [...(await this.#compare(proven)), ...(await this.#stage.look())];
    return broken.length > 0 ? broken : await this.#stage.exclusively(() => this.#checkReader());
  }

  /** Who has read the feed to its end has the very records. */
  async #checkReader(): Promise<readonly Broken[]> {
    // What was read last and not acknowledged is lent for a moment yet.
    let clockMs = this.#stage.world.clocks.databaseMs();
    do this.#database.setClock((clockMs += 1_000));
    while (await this.#reader.read(true));
    const versions = await readVersions(this.#database, this.#stage.cipher);
    const ours = new Map(versions.map(({ id, data }) => [id, data]));
    const there = [...ours.values()].filter((data) => data !== undefined).map((data) => JSON.stringify(data));
    const isSame = JSON.stringify([...this.#reader.view.values()].toSorted()) === JSON.stringify(there.toSorted());
    const differs = {
      kind: "feed",
      text: `who replays the feed has ${this.#reader.view.size} records that are not the ${there.length} that there are`,
    };
    return [...this.#reader.broken, ...(isSame ? [] : [differs])];
  }

  async #result(broken: readonly Broken[], after: number | undefined): Promise<PlayedSync> {
    const proven = await this.#isProven();
    return await this.#stage.end({ broken, after, edits: this.#log.edits, proven });
  }
}
