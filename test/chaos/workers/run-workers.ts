import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { checkHistory, type Effect } from "../crash/check-history.ts";
import { Child } from "../crash/child.ts";
import { keepHistory } from "../crash/keep-history.ts";
import { Load } from "../crash/load.ts";
import { MailboxWatch } from "../crash/mailbox-watch.ts";
import { createRandom } from "../crash/random.ts";
import { readDeadLetters } from "../crash/read-dead-letters.ts";
import { Crew } from "./crew.ts";
import type { Disturbance, WorkersScale } from "./scale.ts";
import { countBetween, recoveredAfterMs } from "./throughput.ts";

export interface WorkersOptions {
  readonly seed: number;
  readonly scale: WorkersScale;
  /** A bug to be planted, or `""`. */
  readonly plant: string;
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (status: string) => void;
}

export interface WorkersReport {
  readonly figures: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  readonly keptAt: string | undefined;
}

interface Recovery {
  readonly of: Disturbance;
  /** When it came, ms since the epoch. */
  readonly at: number;
  /** `undefined`: it took too long. */
  readonly afterMs: number | undefined;
}

const temporary = new URL("../../../.tmp/", import.meta.url).pathname;
/** Every answer of the target takes so long, and a worker has so many messages at once: how much is done depends on the number of workers, not on the machine. */
const answerMs = 100;
const messagesOfWorker = 8;
const tenants = 16;
/** Of each mailbox. With few, messages of the same key would take a worker's room while they wait for each other. */
const keys = 10;
const leaseMs = 2_000;
/** More than all of them can do. */
const eventsPerSecond = 500;
const mostWaiting = 1_200;
const share = 0.9;
const longestRecoveryMs = 30_000;
const standstillMs = 20_000;
const warmUpMs = 4_000;
const lookMs = 200;
const shownFindings = 20;

/** Disturbs workers under load, one disturbance after the other, and leaves nothing behind but the logs of a failure. */
export async function runWorkers(options: WorkersOptions): Promise<WorkersReport> {
  const folder = join(temporary, `chaos-workers-${options.seed}-${Date.now()}`);
  mkdirSync(folder, { recursive: true });
  await using ends = new AsyncDisposableStack();
  const run = new WorkersRun(options, folder, ends);
  try {
    await run.start();
    await run.disturb();
    const { figures, violations } = await run.finish();
    const keptAt = violations.length > 0 || options.keep ? folder : undefined;
    if (keptAt !== undefined) keepHistory(folder, run.history);
    if (keptAt === undefined) ends.defer(async () => rmSync(folder, { recursive: true, force: true }));
    return { figures, violations, keptAt };
  } catch (error) {
    return { figures: {}, violations: [`The run broke off: ${error instanceof Error ? error.message : String(error)}`], keptAt: folder };
  }
}

class WorkersRun {
  readonly #options: WorkersOptions;
  readonly #folder: string;
  readonly #ends: AsyncDisposableStack;
  readonly #surprises: string[] = [];
  readonly #effects: Effect[] = [];
  readonly #recoveries: Recovery[] = [];
  readonly #backlog: { readonly at: number; readonly waiting: number }[] = [];
  readonly #times: number[] = [];
  #databaseUrl = "";
  #targetUrl = "";
  #restart: () => Promise<void> = async () => {};
  #crew: Crew | undefined;
  #load: Load | undefined;
  #watch: MailboxWatch | undefined;
  #perWorker = 0;

  constructor(options: WorkersOptions, folder: string, ends: AsyncDisposableStack) {
    this.#options = options;
    this.#folder = folder;
    this.#ends = ends;
  }

  async start(): Promise<void> {
    const { scale, seed, plant, onProgress } = this.#options;
    onProgress("starting");
    let databaseChanged = (): void => {};
    const postgres = this.#child("postgres-process.ts", {}, () => databaseChanged());
    const target = this.#child("target-process.ts", { CHAOS_SEED: String(seed), CHAOS_CALM_MS: String(answerMs) });
    [this.#databaseUrl, this.#targetUrl] = await Promise.all([postgres.ready, target.ready]);
    this.#restart = async () => {
      const up = new Promise<void>((resolve) => (databaseChanged = resolve));
      postgres.send({ restart: "immediate" });
      await up;
    };
    const environment = {
      CHAOS_DATABASE: this.#databaseUrl,
      CHAOS_TARGET: this.#targetUrl,
      CHAOS_TENANTS: String(tenants),
      CHAOS_LEASE_MS: String(leaseMs),
      CHAOS_MAX_MAILBOXES: String(messagesOfWorker),
      CHAOS_MAX_MESSAGES: String(messagesOfWorker),
      CHAOS_PLANT: plant,
    };
    const onSurprise = (what: string): void => void this.#surprises.push(what);
    const ingest = this.#child("belay-process.ts", { ...environment, CHAOS_ROLES: "ingest,web", CHAOS_PORT: "0" });
    const port = Number(new URL(await ingest.ready).port);
    const crew = new Crew({ environment, logs: this.#folder, onSurprise });
    this.#ends.defer(async () => await crew.close());
    this.#crew = crew;
    await Promise.all(Array.from({ length: scale.workers }, async () => await crew.add()));
    const watch = new MailboxWatch({ url: this.#databaseUrl, isFair: () => false });
    this.#ends.defer(async () => await watch.close());
    this.#watch = watch;
    const isFull = (): boolean => watch.waiting > mostWaiting;
    this.#load = new Load({ ports: [port], tenants, keys, eventsPerSecond, random: createRandom(seed), isFull, onSurprise });
    const load = this.#load;
    this.#ends.defer(async () => await load.stop(0));
  }

  /** Looks first how much a worker does, then disturbs. */
  async disturb(): Promise<void> {
    const { scale, signal, onProgress } = this.#options;
    await this.#pass(warmUpMs);
    const from = Date.now();
    await this.#pass(2 * scale.windowMs);
    this.#perWorker = countBetween(this.#times, from, Date.now()) / ((Date.now() - from) / 1_000) / scale.workers;
    for (const disturbance of scale.disturbances) {
      if (signal.aborted) return;
      const seen = this.#recoveries.map(({ of, afterMs }) => `${of} ${afterMs === undefined ? "too late" : `${afterMs / 1_000} s`}`);
      onProgress([`${Math.round(this.#perWorker)}/s a worker`, ...seen, `${disturbance} …`].join(", "));
      await this.#disturbOnce(disturbance);
      await this.#pass(scale.restMs);
    }
  }

  /** What happened, for people. */
  get history(): Readonly<Record<string, readonly unknown[]>> {
    return { recoveries: this.#recoveries, effects: this.#effects, sent: this.#load?.sent ?? [], backlog: this.#backlog };
  }

  async finish(): Promise<Pick<WorkersReport, "figures" | "violations">> {
    const { crew, load, watch } = this.#use();
    const { signal } = this.#options;
    await load.stop();
    const finished = (await this.#drain()) && !signal.aborted;
    // What a worker that was frozen might still send arrives now.
    await this.#pass(1_000);
    const dead = await readDeadLetters(this.#databaseUrl);
    const { lost, doubled, outOfOrder, staleWrites, unexpected, findings } = checkHistory({
      sent: load.sent,
      effects: this.#effects,
      dead: dead.map(({ id }) => id),
    });
    const seconds = (of?: Disturbance): number =>
      Math.max(
        0,
        ...this.#recoveries
          .filter((recovery) => of === undefined || recovery.of === of)
          .map(({ afterMs }) => (afterMs ?? longestRecoveryMs) / 1_000),
      );
    const kinds = [...new Set(this.#recoveries.map(({ of }) => of))];
    const figures = {
      acknowledged: load.acknowledged,
      effects: this.#effects.length,
      perWorkerPerSecond: Math.round(this.#perWorker),
      disturbances: this.#recoveries.length,
      lost,
      doubled,
      outOfOrder: outOfOrder + staleWrites,
      recoverySeconds: seconds(),
      ...Object.fromEntries(kinds.map((kind) => [`recoverySeconds:${kind}`, seconds(kind)])),
      deadLettered: dead.length,
      workersLeft: crew.size,
    };
    const violations = [
      ...findings.slice(0, shownFindings),
      ...(findings.length > shownFindings ? [`and ${findings.length - shownFindings} more`] : []),
      ...(finished ? [] : [`stranded: ${watch.waiting} messages were not finished in the end`]),
      ...(unexpected > 0 || dead.length > 0 ? [`unexpected: ${dead.length} dead letters though nothing was wrong with them`] : []),
      ...this.#recoveries
        .filter(({ afterMs }) => afterMs === undefined)
        .map(
          ({ of }) => `slow: ${longestRecoveryMs / 1_000} s after "${of}" less was done than ${share * 100} % of what those at work can do`,
        ),
      ...this.#surprises.map((what) => `unexpected: ${what}`),
      ...(signal.aborted ? ["the run was interrupted"] : []),
    ];
    return { figures, violations };
  }

  async #disturbOnce(of: Disturbance): Promise<void> {
    const { windowMs } = this.#options.scale;
    const { crew } = this.#use();
    const from = Date.now();
    const acting = this.#act(of);
    // One that comes counts at once, though it has to start first; one that goes counts no more.
    const expected = share * this.#perWorker * crew.size;
    let afterMs: number | undefined;
    while (afterMs === undefined && Date.now() - from < longestRecoveryMs + windowMs && !this.#options.signal.aborted) {
      await this.#pass(lookMs);
      afterMs = recoveredAfterMs(this.#times, { from, until: Date.now() - lookMs, perSecond: expected, windowMs });
    }
    this.#recoveries.push({ of, at: from, afterMs });
    await acting;
  }

  async #act(of: Disturbance): Promise<void> {
    const { crew } = this.#use();
    switch (of) {
      case "add":
        await crew.add();
        break;
      case "kill":
        crew.kill();
        break;
      case "freeze":
        crew.freeze();
        break;
      case "thaw":
        crew.thaw();
        break;
      case "retire": {
        const end = await crew.retire();
        if (end !== "code 0") this.#surprises.push(`a worker that was told to stop ended with ${end}`);
        break;
      }
      case "restart":
        await this.#restart();
        break;
    }
  }

  /** Lets time pass and takes in what the target has got meanwhile. */
  async #pass(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#options.signal }).catch(() => {}); // interrupted: it ends at once
    const response = await fetch(`${this.#targetUrl}/effects?from=${this.#effects.length}`, { signal: AbortSignal.timeout(20_000) });
    const news = (await response.json()) as Effect[];
    this.#effects.push(...news);
    this.#times.push(...news.map(({ at }) => at));
    if (this.#watch !== undefined) this.#backlog.push({ at: Date.now(), waiting: this.#watch.waiting });
  }

  /** @returns whether everything was finished before nothing moved any more. */
  async #drain(): Promise<boolean> {
    const { watch } = this.#use();
    let [best, movedAt] = [Number.POSITIVE_INFINITY, Date.now()];
    while (Date.now() - movedAt < standstillMs && !this.#options.signal.aborted) {
      const [row] = await watch.query<{ left: number }>("select count(*)::integer as left from belay.message");
      const left = row?.left ?? 0;
      this.#options.onProgress(`${left} messages left to finish`);
      if (left === 0) return true;
      if (left < best) [best, movedAt] = [left, Date.now()];
      await this.#pass(lookMs);
    }
    return false;
  }

  #child(entry: string, environment: Readonly<Record<string, string>>, onDatabaseUp: () => void = () => {}): Child {
    const child = new Child({
      entry,
      environment,
      injected: entry === "belay-process.ts",
      log: join(this.#folder, entry.replace("-process.ts", ".log")),
      onMessage: (message) => {
        if ("postgres" in message && message.postgres === "up") onDatabaseUp();
      },
    });
    this.#ends.defer(async () => await child.stop());
    return child;
  }

  #use(): { readonly crew: Crew; readonly load: Load; readonly watch: MailboxWatch } {
    if (this.#crew === undefined || this.#load === undefined || this.#watch === undefined) throw new Error("The run has not been started.");
    return { crew: this.#crew, load: this.#load, watch: this.#watch };
  }
}
