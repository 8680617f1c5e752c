import { seededRandom, seedFor } from "@belay/testkit";
import { isBelayError } from "@belay/sdk";
import type { Db } from "../../../packages/server/src/db/index.ts";
import { runSync } from "../../../packages/server/src/syncs/index.ts";
import { decideConflict, listConflicts } from "../../../packages/server/src/two-way/index.ts";
import type { Cipher } from "../../../packages/server/src/vault/index.ts";
import { vaultOf } from "../../setup/vault.ts";
import { beginningMs } from "../kernel/clocks.ts";
import { toDb } from "../kernel/kernel-database.ts";
import type { HistoryDatabase } from "../kernel/line.ts";
import { Lurking } from "../kernel/lurking.ts";
import { type Broken, Observer } from "../kernel/observer.ts";
import { VirtualTime } from "../kernel/virtual-time.ts";
import { accountOf, World } from "../kernel/world.ts";
import type { PlayedSync } from "../sync/play-history.ts";
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

/** What lies in wait may still strike for so long; after that nothing goes wrong any more. */
const calmAfterMs = 5_000;
const lookMs = 2_000;
/** With no faults left nothing needs longer; what still waits then waits for ever. */
const longestRestMs = 10 * 60_000;
const account = { tenant, target: "zendesk" };

/** Plays a history of a two-way sync. */
export async function playTwoWayHistory(database: HistoryDatabase, history: TwoWayHistory, keepLines = false): Promise<PlayedSync> {
  await database.reset();
  database.setClock(beginningMs);
  return await new TwoWayPlay(database, history, keepLines).run();
}

type Lying = TwoWayEdit | Extract<TwoWayStep, { kind: "forget" }>;

class TwoWayPlay {
  readonly #time = new VirtualTime();
  readonly #database: HistoryDatabase;
  readonly #observer: Observer;
  readonly #history: TwoWayHistory;
  readonly #books: Readonly<Record<Side, SideBook>>;
  readonly #sides: Readonly<Record<Side, SideProvider>>;
  readonly #ledger: Ledger;
  readonly #people: People;
  readonly #world: World<SyncProcess>;
  readonly #lying = new Lurking<Lying>();
  #waiting: Lying[] = [];
  /** Values that somebody has decided. */
  readonly #decided = new Set<string>();
  /** Outside the schedule: what people ask of Belay. */
  readonly #db: Db;
  readonly #cipher: Cipher;
  #lookedAt = -1;
  /** An attempt to merge was given up, maybe after it had written: the next one knows nothing of that. */
  #hasFailed = false;

  constructor(database: HistoryDatabase, history: TwoWayHistory, keepLines: boolean) {
    const { seed, setting } = history;
    this.#database = database;
    this.#history = history;
    this.#observer = new Observer(keepLines);
    this.#db = toDb(async () => ({ run: (text, parameters) => database.run(text, parameters), release: () => {} }));
    this.#cipher = vaultOf(this.#db);
    const random = (name: string): (() => number) => seededRandom(seedFor(seed, name));
    const bookOf = (side: Side): SideBook => new SideBook(side, setting[side], () => this.#world.clocks.worldMs(), random(`book ${side}`));
    this.#books = { a: bookOf("a"), b: bookOf("b") };
    this.#ledger = new Ledger(this.#books, () => this.#time.now + 1);
    const providerOf = (side: Side): SideProvider =>
      new SideProvider({
        side,
        setting: setting[side],
        book: this.#books[side],
        random: random(`side ${side}`),
        onWrite: (write) => this.#ledger.wrote(write),
        onListed: (of, isFirst) => this.#ledger.listed(of, isFirst),
        onServed: () => this.#served(),
      });
    this.#sides = { a: providerOf("a"), b: providerOf("b") };
    const config = makeTwoWayConfig(setting);
    this.#world = new World({
      time: this.#time,
      database,
      observer: this.#observer,
      providers: { serve: async (request) => this.#sides[request.origin === baseUrls.a ? "a" : "b"].serve(request) },
      accountOf: () => accountOf(account),
      createProcess: (ports) => new SyncProcess({ ...ports, config, onMergeFailed: () => (this.#hasFailed = true) }),
      seed,
      setting,
      longestStatementMs: setting.statementMs,
    });
    this.#people = new People(this.#books, this.#ledger, setting);
    this.#people.settle(setting.persons);
  }

  async run(): Promise<PlayedSync> {
    // Makes the tenant's key, which outlives a history: the first one must not differ from those after it.
    await this.#cipher.seal([{ tenant, purpose: "first", value: Buffer.from("first") }]);
    for (const step of this.#history.steps) {
      await this.#time.runUntil(step.atMs);
      this.#observer.note(this.#time.now, "step", String(step.number));
      await this.#apply(step);
      const broken = await this.#look();
      if (broken.length > 0) return await this.#result(broken, step.number);
    }
    return await this.#result(await this.#finish(), undefined);
  }

  async #apply(step: TwoWayStep): Promise<void> {
    switch (step.kind) {
      case "edit":
      case "forget":
        this.#waiting.push(step);
        return this.#lying.add(step, step.skip);
      case "run":
        return await this.#runSync(step.side, step.full);
      case "decide":
        return await this.#ask("decide", () => this.#decide(step.which, step.as));
      default:
        return this.#world.apply(step);
    }
  }

  /** After each request to a side somebody may do something there. */
  #served(): void {
    const lying = this.#lying.strike();
    if (lying !== undefined) this.#strike(lying);
  }

  #strike(lying: Lying): void {
    this.#waiting = this.#waiting.filter((one) => one !== lying);
    this.#observer.note(this.#time.now, "people", lying.kind, lying);
    if (lying.kind === "edit") this.#people.edit(lying);
    else this.#sides[lying.side].forget(lying.tokens);
  }

  async #runSync(side: Side, full: boolean): Promise<void> {
    const key = { tenant, sync: syncIds[side], connection: connectionIds[side] };
    await this.#ask(`run ${side}`, () => runSync({ db: this.#db, cipher: this.#cipher }, key, { full }));
  }

  /** What people ask for between two transactions; they may be told that it cannot be done. */
  async #ask(what: string, work: () => Promise<unknown>): Promise<void> {
    const said = await this.#exclusively(async () => {
      try {
        await work();
        return "done";
      } catch (error) {
        if (!isBelayError(error) || error.retry !== "never") throw error;
        return error.code;
      }
    });
    this.#observer.note(this.#time.now, "somebody", what, said);
    this.#world.wake();
  }

  async #decide(which: number, as: Side | "else"): Promise<void> {
    const { catalog } = (this.#world.listener(0) ?? this.#world.listener(1))?.process ?? {};
    const parts = { db: this.#db, cipher: this.#cipher };
    const conflicts = await listConflicts(parts, { tenant }, undefined, 100);
    const conflict = conflicts.length === 0 ? undefined : conflicts[which % conflicts.length];
    if (catalog === undefined || conflict === undefined) return;
    const value = as === "else" ? `decided ${which}` : conflict[as];
    this.#decided.add(String(value));
    await decideConflict({ ...parts, catalog }, conflict, as === "else" ? { value } : { side: as }, { actor: "somebody" });
  }

  /** All edits are done, and nothing goes wrong any more: both sides have to become equal, and stay so without another write. */
  async #finish(): Promise<Broken[]> {
    const sooner = await this.#passTime(calmAfterMs);
    if (sooner.length > 0) return sooner;
    this.#world.calm();
    this.#lying.clear();
    for (const lying of this.#waiting) this.#strike(lying);
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
    return await this.#look();
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
  async #round(full: boolean): Promise<Broken[] | undefined> {
    const unrested = await this.#rest();
    if (unrested !== undefined) return unrested;
    for (const side of sideNames) await this.#runSync(side, full);
    return await this.#rest();
  }

  async #rest(): Promise<Broken[] | undefined> {
    const givenUpAt = this.#time.now + longestRestMs;
    while (this.#time.now < givenUpAt) {
      const broken = await this.#passTime(lookMs);
      if (broken.length > 0) return broken;
      if (await this.#exclusively(() => isAtRest(this.#database))) return undefined;
    }
    return [{ kind: "endless", text: `a two-way sync without faults has not come to rest within ${longestRestMs / 60_000} min` }];
  }

  async #passTime(ms: number): Promise<Broken[]> {
    await this.#time.runUntil(this.#time.now + ms);
    return await this.#look();
  }

  async #look(): Promise<Broken[]> {
    if (this.#lookedAt === this.#database.commits) return this.#ledger.broken;
    const broken = await this.#exclusively(() => checkTwoWayTables(this.#database, this.#ledger.raced.size > 0));
    this.#lookedAt = this.#database.commits;
    return [...this.#ledger.broken, ...broken];
  }

  async #compare(): Promise<Broken[]> {
    const rows = await this.#exclusively(() =>
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
    const rows = await this.#exclusively(() =>
      this.#database.run(
        "select distinct on (connection) connection, proof is not null as proven from belay.walk where kind <> 'incremental' order by connection, id desc",
        [],
      ),
    );
    return new Set(rows.flatMap(({ connection, proven }) => (proven === true ? [connection === connectionIds.a ? "a" : "b"] : [])));
  }

  /** Between two transactions: nothing half done is seen. */
  async #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    let outcome: { readonly result: Result } | { readonly error: unknown } | undefined;
    this.#world.gate.whenFree(async () => {
      this.#database.setClock(this.#world.clocks.databaseMs());
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

  async #result(broken: readonly Broken[], after: number | undefined): Promise<PlayedSync> {
    for (const { kind, text } of broken) this.#observer.note(this.#time.now, "checker", kind, text);
    const [row] = await this.#exclusively(() => this.#database.run("select count(*)::integer as walks from belay.walk", []));
    return {
      digest: this.#observer.digest(),
      broken,
      after,
      edits: this.#ledger.edits,
      faults: this.#world.struck,
      walks: Number(row?.["walks"] ?? 0),
      proven: true,
      lines: this.#observer.lines,
    };
  }
}
