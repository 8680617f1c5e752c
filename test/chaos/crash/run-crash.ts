import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { checkHistory, type Effect, type History, type Verdict } from "./check-history.ts";
import { Child } from "./child.ts";
import { type FaultCounts, Faults } from "./faults.ts";
import { Fleet } from "./fleet.ts";
import { keepHistory } from "./keep-history.ts";
import { Load } from "./load.ts";
import { readDeadLetters } from "./read-dead-letters.ts";
import { MailboxWatch } from "./mailbox-watch.ts";
import { createRandom } from "./random.ts";
import { recoveryTimes } from "./recovery.ts";
import type { Scale } from "./scale.ts";
import { kinds } from "./source-event.ts";

export interface CrashOptions {
  readonly seed: number;
  readonly scale: Scale;
  /** A bug to be planted, or `""`. Then the run ends as soon as it is noticed. */
  readonly plant: string;
  /** Keeps the history also when nothing was wrong. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (status: string) => void;
}

export interface CrashReport {
  readonly figures: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  /** Where the history was kept, if it was. */
  readonly keptAt: string | undefined;
}

const temporary = new URL("../../../.tmp/", import.meta.url).pathname;
const shownFindings = 50;
/** Longer than any single message may take: a lease that has to run out, a call that is never answered, the pauses in between. */
const standstillMs = 30_000;

/** Runs the whole thing once, and leaves nothing behind but the history of a failure. */
export async function runCrash(options: CrashOptions): Promise<CrashReport> {
  const folder = join(temporary, `chaos-crash-${options.seed}-${Date.now()}`);
  mkdirSync(folder, { recursive: true });
  const random = createRandom(options.seed);
  await using ends = new AsyncDisposableStack();
  const surprises: string[] = [];
  const run = new CrashRun(options, folder, random, surprises, ends);
  try {
    await run.start();
    await run.untilDone();
    const report = await run.report();
    if (report.keptAt === undefined) ends.defer(async () => rmSync(folder, { recursive: true, force: true }));
    return report;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { figures: { seconds: run.seconds }, violations: [`The run broke off: ${reason}`, ...countEqual(surprises)], keptAt: folder };
  }
}

interface Parts {
  readonly fleet: Fleet;
  readonly watch: MailboxWatch;
  readonly load: Load;
  readonly faults: Faults;
}

class CrashRun {
  readonly #options: CrashOptions;
  readonly #folder: string;
  readonly #random: () => number;
  readonly #surprises: string[];
  readonly #ends: AsyncDisposableStack;
  readonly #startedAt = Date.now();
  readonly #abort = new AbortController();
  readonly #effects: Effect[] = [];
  #targetUrl = "";
  #databaseUrl = "";
  #databaseUp = true;
  #databaseUpSince = 0;
  /** Everything had the time to arrive: what is missing now is lost. */
  #drained = false;
  #databaseChanged: (() => void) | undefined;
  #parts: Parts | undefined;

  constructor(options: CrashOptions, folder: string, random: () => number, surprises: string[], ends: AsyncDisposableStack) {
    this.#options = options;
    this.#folder = folder;
    this.#random = random;
    this.#surprises = surprises;
    this.#ends = ends;
  }

  get seconds(): number {
    return (Date.now() - this.#startedAt) / 1_000;
  }

  async start(): Promise<void> {
    const { scale, seed, plant } = this.#options;
    const postgres = this.#child("postgres-process.ts", {});
    const target = this.#child("target-process.ts", { CHAOS_SEED: String(seed) });
    const [databaseUrl, targetUrl] = await Promise.all([postgres.ready, target.ready]);
    this.#targetUrl = targetUrl;
    this.#databaseUrl = databaseUrl;

    const ingestPorts = await findFreePorts(2);
    const onSurprise = (what: string): void => {
      this.#surprises.push(what);
    };
    const fleet = new Fleet({
      ...scale,
      databaseUrl,
      targetUrl,
      ingestPorts,
      plant,
      logs: this.#folder,
      databaseWasDownSince: (at) => this.#databaseUpSince > at,
      onSurprise,
    });
    this.#ends.defer(() => fleet.close());
    await fleet.ready();
    const watch = new MailboxWatch({ url: databaseUrl, isFair: () => this.#databaseUp && fleet.room >= scale.tenants * kinds.length });
    this.#ends.defer(() => watch.close());
    const load = new Load({ ...scale, ports: ingestPorts, random: this.#random, isFull: () => watch.waiting > 1_000, onSurprise });
    this.#ends.defer(() => load.stop(0));
    const restart = (mode: "immediate" | "kill"): Promise<void> => this.#restart(postgres, mode);
    const { faults: plan, spreadMs } = scale;
    const faults = new Faults({ fleet, watch, random: this.#random, plan, spreadMs, restart, signal: this.#abort.signal });
    this.#parts = { fleet, watch, load, faults };
  }

  async untilDone(): Promise<void> {
    const { load, faults, watch } = this.#use();
    const { scale, plant, signal } = this.#options;
    signal.addEventListener("abort", () => this.#abort.abort(), { once: true });
    const tooLate = setTimeout(() => {
      this.#surprises.push(`the run was not done after ${scale.longestMs / 1_000} s`);
      this.#abort.abort();
    }, scale.longestMs);
    let done = false;
    const faulting = faults.run().finally(() => {
      done = true;
    });
    while (!this.#abort.signal.aborted && (!done || load.acknowledged < scale.events)) {
      await pause(250);
      await this.#fetchEffects();
      this.#options.onProgress(this.#status());
      if (plant !== "" && this.#isCaught()) this.#abort.abort();
    }
    clearTimeout(tooLate);
    this.#abort.abort();
    await faulting;
    await load.stop();
    if (plant === "" || !this.#isCaught()) {
      await this.#drain(watch);
      this.#drained = !signal.aborted;
    }
  }

  async report(): Promise<CrashReport> {
    const { faults, load, watch } = this.#use();
    const dead = await readDeadLetters(this.#databaseUrl);
    const stranded = await watch.query("select * from belay.message order by tenant, mailbox, id");
    const mailboxes = await watch.query("select * from belay.mailbox order by tenant, id");
    const history: History = { sent: load.sent, effects: this.#effects, dead: dead.map(({ id }) => id) };
    const verdict = checkHistory(history, { finished: this.#drained });
    const figures = this.#figures(verdict, dead.length);
    const violations = this.#violations(figures, verdict, dead, stranded.length);
    if (violations.length === 0 && !this.#options.keep) return { figures, violations, keptAt: undefined };
    const files = { sent: load.sent, effects: this.#effects, faults: faults.record, dead, stranded, mailboxes, violations };
    keepHistory(this.#folder, files);
    return { figures, violations, keptAt: this.#folder };
  }

  #figures(verdict: Verdict, deadLettered: number): Record<string, number> {
    const { faults, load, watch } = this.#use();
    const { lost, doubled, outOfOrder, staleWrites, unexpected } = verdict;
    const times = this.#effects.map(({ at }) => at);
    const sentUntil = load.sent.reduce((last, { ackedAt }) => Math.max(last, ackedAt ?? 0), 0);
    const recoveries = recoveryTimes(
      times,
      faults.record.map(({ at }) => at),
      sentUntil,
    );
    return {
      acknowledged: load.acknowledged,
      ...faults.counts,
      lost,
      doubled,
      outOfOrder,
      staleWrites,
      unexpected,
      deadLettered,
      deadlocks: watch.deadlocks,
      takeoverSeconds: Math.max(0, ...watch.takeoversMs) / 1_000,
      takeovers: watch.takeoversMs.length,
      recoverySeconds: Math.max(0, ...recoveries) / 1_000,
      effects: this.#effects.length,
      redelivered: load.redelivered,
      refusals: load.refusals,
      idleKills: faults.idleKills,
      ...Object.fromEntries([...faults.byPoint].map(([point, count]) => [`killed:${point}`, count])),
      seconds: this.seconds,
    };
  }

  #violations(
    figures: Readonly<Record<string, number>>,
    verdict: Verdict,
    dead: readonly { id: string; code: string; error: string }[],
    stranded: number,
  ): string[] {
    const { scale } = this.#options;
    const { load } = this.#use();
    const { takeoverSeconds = 0, recoverySeconds = 0, deadlocks = 0 } = figures;
    const unanswered = load.sent.filter(({ ackedAt }) => ackedAt === null).length;
    const findings = verdict.findings.slice(0, shownFindings);
    if (verdict.findings.length > shownFindings) findings.push(`and ${verdict.findings.length - shownFindings} more, see the history`);
    if (stranded > 0 && this.#drained) findings.push(`stranded: ${stranded} messages were not finished in the end`);
    if (deadlocks > 0) findings.push(`unexpected: PostgreSQL broke ${deadlocks} deadlocks up`);
    if (unanswered > 0 && this.#drained) findings.push(`unexpected: ${unanswered} events were not acknowledged in the end`);
    findings.push(
      ...dead.map(({ id, code, error }) => `unexpected: ${id} is a dead letter though nothing was wrong with it: ${code} ${error}`),
    );
    findings.push(...countEqual(this.#surprises.map((what) => `unexpected: ${what}`)));
    const leaseSeconds = scale.leaseMs / 1_000;
    if (takeoverSeconds > leaseSeconds + 1)
      findings.push(`slow: an orphaned mailbox was alone for ${takeoverSeconds} s; the lease is ${leaseSeconds} s`);
    if (recoverySeconds > 30) findings.push(`slow: throughput was back only ${recoverySeconds} s after a fault`);
    if (this.#options.signal.aborted) findings.push("the run was interrupted");
    return findings;
  }

  /** Waits until nothing is left to do, or nothing moves any more. */
  async #drain(watch: MailboxWatch): Promise<void> {
    let best = Number.POSITIVE_INFINITY;
    let movedAt = Date.now();
    for (;;) {
      const [row] = await watch.query<{ left: number }>("select count(*)::integer as left from belay.message");
      const left = row?.left ?? 0;
      this.#options.onProgress(`${left} messages left to finish`);
      if (left < best) {
        best = left;
        movedAt = Date.now();
      }
      if (left === 0 || Date.now() - movedAt > standstillMs || this.#options.signal.aborted) break;
      await pause(200);
    }
    // What a zombie might still send arrives now.
    await pause(1_000);
    await this.#fetchEffects();
  }

  #isCaught(): boolean {
    const { load, watch } = this.#use();
    const verdict = checkHistory({ sent: load.sent, effects: this.#effects, dead: [] }, { finished: false });
    return watch.deadlocks > 0 || verdict.findings.length > 0;
  }

  async #fetchEffects(): Promise<void> {
    const response = await fetch(`${this.#targetUrl}/effects?from=${this.#effects.length}`, { signal: AbortSignal.timeout(20_000) });
    this.#effects.push(...((await response.json()) as Effect[]));
  }

  #status(): string {
    const { load, faults, watch } = this.#use();
    const { kills, zombies, ingestKills, restarts }: FaultCounts = faults.counts;
    const plan = this.#options.scale.faults;
    return [
      `${Math.round(this.seconds)} s`,
      `${load.acknowledged} acknowledged`,
      `${this.#effects.length} effects`,
      `${watch.waiting} waiting`,
      `${kills}/${plan.kills} kills`,
      `${zombies}/${plan.zombies} zombies`,
      `${ingestKills}/${plan.ingestKills} ingest kills`,
      `${restarts}/${plan.restarts} restarts`,
    ].join(", ");
  }

  async #restart(postgres: Child, mode: "immediate" | "kill"): Promise<void> {
    const changed = new Promise<void>((resolve, reject) => {
      this.#databaseChanged = resolve;
      postgres.exited().then(() => reject(new Error("PostgreSQL did not come up again.")), reject);
    });
    postgres.send({ restart: mode });
    await changed;
  }

  #child(entry: string, environment: Readonly<Record<string, string>>): Child {
    const child = new Child({
      entry,
      environment,
      injected: false,
      log: join(this.#folder, entry.replace("-process.ts", ".log")),
      onMessage: (message) => {
        if (!("postgres" in message)) return;
        this.#databaseUp = message.postgres === "up";
        this.#databaseUpSince = this.#databaseUp ? Date.now() : Number.POSITIVE_INFINITY;
        if (this.#databaseUp) this.#databaseChanged?.();
      },
    });
    this.#ends.defer(() => child.stop());
    return child;
  }

  #use(): Parts {
    if (this.#parts === undefined) throw new Error("The run has not been started.");
    return this.#parts;
  }
}

function countEqual(texts: readonly string[]): string[] {
  return [...Map.groupBy(texts, (text) => text)].map(([text, { length }]) => (length === 1 ? text : `${text} (${length} times)`));
}

/** All at once, or they would be the same. */
async function findFreePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(probes.map((probe) => once(probe, "listening")));
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port);
  await Promise.all(probes.map((probe) => once(probe.close(), "close")));
  return ports;
}
