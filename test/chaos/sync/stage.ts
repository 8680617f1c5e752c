import { isBelayError } from "@belay/sdk";
import type { Db } from "../../../packages/server/src/db/index.ts";
import type { Cipher } from "../../../packages/server/src/vault/index.ts";
import { vaultOf } from "../../setup/vault.ts";
import { beginningMs } from "../kernel/clocks.ts";
import { toDb } from "../kernel/kernel-database.ts";
import type { HistoryDatabase } from "../kernel/line.ts";
import { Lurking } from "../kernel/lurking.ts";
import { type Broken, Observer } from "../kernel/observer.ts";
import { VirtualTime } from "../kernel/virtual-time.ts";
import { accountOf, World, type WorldParts } from "../kernel/world.ts";
import type { SyncProcess } from "./sync-process.ts";

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

interface StageParts<Lying> extends Pick<WorldParts<SyncProcess>, "providers" | "createProcess" | "seed"> {
  readonly database: HistoryDatabase;
  readonly keepLines: boolean;
  readonly setting: WorldParts<SyncProcess>["setting"] & { readonly statementMs: number };
  readonly tenant: string;
  /** What lay in wait comes about at a provider. */
  readonly strike: (lying: Lying) => void;
  /** What the providers have seen to be wrong. Default: they do not look. */
  readonly seen?: () => readonly Broken[];
  /** What is wrong now. Asked between two transactions, once something was committed. */
  readonly look: () => Promise<readonly Broken[]>;
  /** Whether nothing is under way or due. Asked between two transactions. */
  readonly isAtRest: () => Promise<boolean>;
}

/** What lies in wait may still strike for so long; after that nothing goes wrong any more. */
const calmAfterMs = 5_000;
const lookMs = 2_000;
/** With no faults left nothing needs longer; what still waits then waits for ever. */
const longestRestMs = 10 * 60_000;

/** Where histories of syncs are played: processes, their database, what lies in wait at the providers, and people who act between two transactions. */
export class Stage<Lying> {
  readonly time = new VirtualTime();
  readonly observer: Observer;
  readonly world: World<SyncProcess>;
  /** Outside the schedule: what people do. */
  readonly db: Db;
  readonly cipher: Cipher;
  readonly #parts: StageParts<Lying>;
  readonly #lurking = new Lurking<Lying>();
  #waiting: Lying[] = [];
  #lookedAt = -1;

  constructor(parts: StageParts<Lying>) {
    const { database, keepLines, providers, createProcess, seed, setting, tenant } = parts;
    this.#parts = parts;
    this.observer = new Observer(keepLines);
    this.db = toDb(async () => ({ run: (text, parameters) => database.run(text, parameters), release: () => {} }));
    this.cipher = vaultOf(this.db);
    this.world = new World({
      time: this.time,
      database,
      observer: this.observer,
      providers,
      accountOf: () => accountOf({ tenant, target: "zendesk" }),
      createProcess,
      seed,
      setting,
      longestStatementMs: setting.statementMs,
    });
  }

  /** To be called before anything else happens. */
  async open(): Promise<void> {
    const { database, tenant } = this.#parts;
    await database.reset();
    database.setClock(beginningMs);
    // Makes the tenant's key, which outlives a history: the first one must not differ from those after it.
    await this.cipher.seal([{ tenant, purpose: "first", value: Buffer.from("first") }]);
  }

  /** It strikes after so many requests to a provider, see `served`; at the latest in `calm`. */
  lieInWait(lying: Lying, skip: number): void {
    this.#waiting.push(lying);
    this.#lurking.add(lying, skip);
  }

  /** A request to a provider was served: what lies in wait may strike. */
  served(): void {
    const lying = this.#lurking.strike();
    if (lying !== undefined) this.#strike(lying);
  }

  #strike(lying: Lying): void {
    this.#waiting = this.#waiting.filter((one) => one !== lying);
    this.#parts.strike(lying);
  }

  /** Lets strike what still lies in wait; after that nothing goes wrong any more. @returns what is wrong. */
  async calm(): Promise<readonly Broken[]> {
    const broken = await this.#passTime(calmAfterMs);
    if (broken.length > 0) return broken;
    this.world.calm();
    this.#lurking.clear();
    for (const lying of this.#waiting) this.#strike(lying);
    return [];
  }

  /** What people ask for between two transactions; they may be told that it cannot be done. */
  async ask(what: string, work: () => Promise<unknown>): Promise<void> {
    const said = await this.exclusively(async () => {
      try {
        return JSON.stringify((await work()) ?? "done");
      } catch (error) {
        if (!isBelayError(error) || (error.retry !== "never" && error.code !== "SYNC_PAGE_CONTENDED")) throw error;
        return error.code;
      }
    });
    this.observer.note(this.time.now, "somebody", what, said);
    this.world.wake();
  }

  /** Lets time pass until nothing is under way. @returns what is wrong, if something is. */
  async rest(): Promise<readonly Broken[] | undefined> {
    const givenUpAt = this.time.now + longestRestMs;
    while (this.time.now < givenUpAt) {
      const broken = await this.#passTime(lookMs);
      if (broken.length > 0) return broken;
      if (await this.exclusively(this.#parts.isAtRest)) return undefined;
    }
    return [{ kind: "endless", text: `syncs without faults have not come to rest within ${longestRestMs / 60_000} min` }];
  }

  async #passTime(ms: number): Promise<readonly Broken[]> {
    await this.time.runUntil(this.time.now + ms);
    return await this.look();
  }

  /** @returns what is wrong. */
  async look(): Promise<readonly Broken[]> {
    const { database, look, seen = () => [] } = this.#parts;
    if (this.#lookedAt === database.commits) return seen();
    const broken = await this.exclusively(look);
    this.#lookedAt = database.commits;
    return [...seen(), ...broken];
  }

  /** Between two transactions: nothing half done is seen. */
  async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    let outcome: { readonly result: Result } | { readonly error: unknown } | undefined;
    this.whenFree(async () => {
      outcome = await work().then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      );
    });
    await this.time.runUntil(Number.POSITIVE_INFINITY, () => outcome !== undefined);
    if (outcome === undefined) throw new Error("The history ended before the database was free.");
    if ("error" in outcome) throw outcome.error;
    return outcome.result;
  }

  /** The same, without waiting for it. */
  whenFree(work: () => Promise<void>): void {
    this.world.gate.whenFree(async () => {
      this.#parts.database.setClock(this.world.clocks.databaseMs());
      await work();
    });
  }

  async end(came: Pick<PlayedSync, "broken" | "after" | "edits" | "proven">): Promise<PlayedSync> {
    for (const { kind, text } of came.broken) this.observer.note(this.time.now, "checker", kind, text);
    const [row] = await this.exclusively(() => this.#parts.database.run("select count(*)::integer as walks from belay.walk", []));
    return {
      digest: this.observer.digest(),
      ...came,
      faults: this.world.struck,
      walks: Number(row?.["walks"] ?? 0),
      lines: this.observer.lines,
    };
  }
}
