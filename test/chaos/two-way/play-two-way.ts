import { seededRandom, seedFor } from "@belay/testkit";
import { runSync } from "../../../packages/server/src/syncs/index.ts";
import { decideConflict, listConflicts } from "../../../packages/server/src/two-way/index.ts";
import type { HistoryDatabase } from "../kernel/line.ts";
import type { Broken } from "../kernel/observer.ts";
import { type PlayedSync, Stage } from "../sync/stage.ts";
import { SyncProcess } from "../sync/sync-process.ts";
import { compareBoth } from "./compare-both.ts";
import { Ledger } from "./ledger.ts";
import { People } from "./people.ts";
import { SideBook } from "./side-book.ts";
import { SideProvider } from "./side-provider.ts";
import {
  baseUrls,
  connectionIds,
  isForgetful,
  type Side,
  sideNames,
  syncIds,
  tenant,
  type TwoWayEdit,
  type TwoWayHistory,
  type TwoWayStep,
} from "./steps.ts";
import { checkTwoWayTables, isAtRest } from "./table-checks.ts";
import { makeTwoWayConfig } from "./two-way-config.ts";

/** Plays a history of a two-way sync. */
export async function playTwoWayHistory(database: HistoryDatabase, history: TwoWayHistory, keepLines = false): Promise<PlayedSync> {
  return await new TwoWayPlay(database, history, keepLines).run();
}

type Lying = TwoWayEdit | Extract<TwoWayStep, { kind: "forget" }>;

class TwoWayPlay {
  readonly #database: HistoryDatabase;
  readonly #history: TwoWayHistory;
  readonly #books: Readonly<Record<Side, SideBook>>;
  readonly #sides: Readonly<Record<Side, SideProvider>>;
  readonly #ledger: Ledger;
  readonly #people: People;
  readonly #stage: Stage<Lying>;
  /** Values that somebody has decided. */
  readonly #decided = new Set<string>();
  /** An attempt to merge was given up, maybe after it had written: the next one knows nothing of that. */
  #hasFailed = false;

  constructor(database: HistoryDatabase, history: TwoWayHistory, keepLines: boolean) {
    const { seed, setting } = history;
    this.#database = database;
    this.#history = history;
    const random = (name: string): (() => number) => seededRandom(seedFor(seed, name));
    const bookOf = (side: Side): SideBook =>
      new SideBook(side, setting[side], () => this.#stage.world.clocks.worldMs(), random(`book ${side}`));
    this.#books = { a: bookOf("a"), b: bookOf("b") };
    this.#ledger = new Ledger(this.#books, () => this.#stage.time.now + 1);
    const providerOf = (side: Side): SideProvider =>
      new SideProvider({
        side,
        setting: setting[side],
        book: this.#books[side],
        random: random(`side ${side}`),
        onWrite: (write) => this.#ledger.wrote(write),
        onListed: (of, isFirst) => this.#ledger.listed(of, isFirst),
        onServed: () => this.#stage.served(),
      });
    this.#sides = { a: providerOf("a"), b: providerOf("b") };
    const config = makeTwoWayConfig(setting);
    this.#stage = new Stage<Lying>({
      database,
      keepLines,
      providers: { serve: async (request) => this.#sides[request.origin === baseUrls.a ? "a" : "b"].serve(request) },
      createProcess: (ports) => new SyncProcess({ ...ports, config, onMergeFailed: () => (this.#hasFailed = true) }),
      seed,
      setting,
      tenant,
      strike: (lying) => this.#strike(lying),
      seen: () => this.#ledger.broken,
      look: () => checkTwoWayTables(database, this.#ledger.raced.size > 0),
      isAtRest: () => isAtRest(database),
    });
    this.#people = new People(this.#books, this.#ledger, setting);
    this.#people.settle(setting.persons);
  }

  async run(): Promise<PlayedSync> {
    const { time, observer } = this.#stage;
    await this.#stage.open();
    for (const step of this.#history.steps) {
      await time.runUntil(step.atMs);
      observer.note(time.now, "step", String(step.number));
      await this.#apply(step);
      const broken = await this.#stage.look();
      if (broken.length > 0) return await this.#result(broken, step.number);
    }
    return await this.#result(await this.#finish(), undefined);
  }

  async #apply(step: TwoWayStep): Promise<void> {
    switch (step.kind) {
      case "edit":
      case "forget":
        return this.#stage.lieInWait(step, step.skip);
      case "run":
        return await this.#runSync(step.side, step.full);
      case "decide":
        return await this.#stage.ask("decide", () => this.#decide(step.which, step.as));
      default:
        return this.#stage.world.apply(step);
    }
  }

  #strike(lying: Lying): void {
    this.#stage.observer.note(this.#stage.time.now, "people", lying.kind, lying);
    if (lying.kind === "edit") this.#people.edit(lying);
    else this.#sides[lying.side].forget(lying.tokens);
  }

  async #runSync(side: Side, full: boolean): Promise<void> {
    const key = { tenant, sync: syncIds[side], connection: connectionIds[side] };
    await this.#stage.ask(`run ${side}`, () => runSync(this.#stage, key, { full }));
  }

  async #decide(which: number, as: Side | "else"): Promise<void> {
    const { db, cipher, world } = this.#stage;
    const { catalog } = (world.listener(0) ?? world.listener(1))?.process ?? {};
    const conflicts = await listConflicts({ db, cipher }, { tenant }, undefined, 100);
    const conflict = conflicts.length === 0 ? undefined : conflicts[which % conflicts.length];
    if (catalog === undefined || conflict === undefined) return;
    const value = as === "else" ? `decided ${which}` : conflict[as];
    this.#decided.add(String(value));
    await decideConflict({ db, cipher, catalog }, conflict, as === "else" ? { value } : { side: as }, { actor: "somebody" });
  }

  /** All edits are done, and nothing goes wrong any more: both sides have to become equal, and stay so without another write. */
  async #finish(): Promise<readonly Broken[]> {
    const broken = await this.#stage.calm();
    if (broken.length > 0) return broken;
    const settled = (await this.#round(false)) ?? (await this.#round(true)) ?? (await this.#compare());
    if (settled.length > 0) return settled;
    // What walks through everything cannot prove to be gone may still be told by a listing of changes, and is carried over then.
    const tellsDeletions = this.#history.setting.a.shape.deletions !== "none";
    const edited = this.#editOnce(tellsDeletions || (await this.#provenSides()).has("a"));
    const carried = (await this.#round(true)) ?? (await this.#round(false)) ?? [...(await this.#compare()), ...edited()];
    if (carried.length > 0) return carried;
    const { writes } = this.#ledger;
    const again = (await this.#round(true)) ?? (await this.#round(false)) ?? [];
    if (again.length > 0) return again;
    if (this.#ledger.writes > writes)
      return [{ kind: "endless", text: `both sides were equal, and Belay has written ${this.#ledger.writes - writes} times more` }];
    return await this.#stage.look();
  }

  /** In peace somebody deletes a person at a, and changes another at b. @returns what looks whether the other side has followed. */
  #editOnce(isNoticed: boolean): () => Broken[] {
    const { deletes } = this.#history.setting;
    const both = [...this.#books.a.rows.values()].filter(
      ({ tag }) => this.#books.a.named(tag).length === 1 && this.#books.b.named(tag).length === 1 && !this.#ledger.raced.has(tag),
    );
    const [deleted, changed] = [both.at(0)?.tag, both.at(1)?.tag];
    const personOf = (tag: string): number => Number(tag.slice(1));
    const edit = { kind: "edit", fields: ["name"], skip: 0 } as const;
    if (deleted === undefined || changed === undefined) return () => [];
    this.#people.edit({ ...edit, side: "a", what: "delete", person: personOf(deleted) });
    this.#people.edit({ ...edit, side: "b", what: "update", person: personOf(changed) });
    return () => {
      if (!isNoticed) return [];
      const isThere = this.#books.b.named(deleted).length > 0;
      const hasFollowed = deletes === "none" ? isThere : !isThere;
      return hasFollowed ? [] : [{ kind: "deletion", text: `${deleted} was deleted at a, and is ${isThere ? "still" : "not"} at b` }];
    };
  }

  /** Reads both sides, and waits until nothing is left to do. @returns what is wrong, if something is. */
  async #round(full: boolean): Promise<readonly Broken[] | undefined> {
    const unrested = await this.#stage.rest();
    if (unrested !== undefined) return unrested;
    for (const side of sideNames) await this.#runSync(side, full);
    return await this.#stage.rest();
  }

  async #compare(): Promise<readonly Broken[]> {
    const rows = await this.#stage.exclusively(() =>
      this.#database.run(
        "select c.field, r.connection, r.external_id as id from belay.two_way_conflict c join belay.record r on r.tenant = c.tenant and r.id = c.record",
        [],
      ),
    );
    const held = rows.map(({ field, connection, id }) => {
      const book = this.#books[connection === connectionIds.a ? "a" : "b"];
      const person = book.rows.get(String(id)) ?? book.gone.get(String(id));
      return `${person?.tag} ${String(field)}`;
    });
    const { setting, steps } = this.#history;
    const proven = await this.#provenSides();
    const mayForget = this.#hasFailed || steps.some(isForgetful);
    return compareBoth({
      setting,
      books: this.#books,
      ledger: this.#ledger,
      held: new Set(held),
      decided: this.#decided,
      proven,
      mayForget,
    });
  }

  /** Sides whose last walk through everything proved that it saw it. */
  async #provenSides(): Promise<ReadonlySet<Side>> {
    const rows = await this.#stage.exclusively(() =>
      this.#database.run(
        "select distinct on (connection) connection, proof is not null as proven from belay.walk where kind <> 'incremental' order by connection, id desc",
        [],
      ),
    );
    return new Set(rows.flatMap(({ connection, proven }) => (proven === true ? [connection === connectionIds.a ? "a" : "b"] : [])));
  }

  async #result(broken: readonly Broken[], after: number | undefined): Promise<PlayedSync> {
    return await this.#stage.end({ broken, after, edits: this.#ledger.edits, proven: true });
  }
}
