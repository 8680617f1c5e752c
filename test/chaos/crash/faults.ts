import { setTimeout as pause } from "node:timers/promises";
import type { Child } from "./child.ts";
import { type FailPoint, pointsOf } from "./fail-points.ts";
import type { Fleet, Place } from "./fleet.ts";
import type { MailboxWatch } from "./mailbox-watch.ts";
import type { Claimed } from "./protocol.ts";
import { pick } from "./random.ts";

/** Something done to a process, for the record. */
export interface Fault {
  readonly at: number;
  readonly what: "kill" | "zombie" | "kill of ingest" | "restart";
  readonly detail: string;
  readonly held: readonly Claimed[];
}

export interface FaultCounts {
  /** SIGKILLs of workers that held at least one lease when they died. */
  readonly kills: number;
  readonly zombies: number;
  readonly ingestKills: number;
  readonly restarts: number;
}

export interface FaultOptions {
  readonly fleet: Fleet;
  readonly watch: MailboxWatch;
  readonly random: () => number;
  readonly plan: FaultCounts;
  /** Over how long the faults are spread. */
  readonly spreadMs: number;
  /** Takes PostgreSQL down and resolves when it is up again. */
  readonly restart: (mode: "immediate" | "kill") => Promise<void>;
  readonly signal: AbortSignal;
}

const armedForMs = 4_000;

/** Does to the processes what the plan says; each sort of fault goes its own way, so that they also meet. */
export class Faults {
  readonly #options: FaultOptions;
  readonly #counts = { kills: 0, zombies: 0, ingestKills: 0, restarts: 0 };
  readonly record: Fault[] = [];
  /** How often a process died where it was told to. */
  readonly byPoint = new Map<FailPoint | "random", number>();
  /** Workers that were killed and held nothing. */
  idleKills = 0;

  constructor(options: FaultOptions) {
    this.#options = options;
  }

  get counts(): FaultCounts {
    return this.#counts;
  }

  /** Resolves when the plan is fulfilled or the signal aborts. */
  async run(): Promise<void> {
    const worker = this.#choices(pointsOf("worker"));
    const ingest = this.#choices(pointsOf("ingest"));
    await Promise.all([
      this.#repeat("kills", () => this.#killWorker(worker())),
      this.#repeat("zombies", () => this.#makeZombie()),
      this.#repeat("ingestKills", () => this.#killIngest(ingest())),
      this.#repeat("restarts", () => this.#restart()),
    ]);
  }

  /** Every point in turn, a random moment as often as all points together. */
  #choices(points: readonly FailPoint[]): () => FailPoint | "random" {
    let turn = Math.floor(this.#options.random() * points.length);
    let random = false;
    return () => {
      random = !random;
      if (random) return "random";
      turn += 1;
      return points[turn % points.length] ?? "random";
    };
  }

  async #repeat(name: keyof FaultCounts, act: () => Promise<boolean>): Promise<void> {
    const { plan, spreadMs, random, signal } = this.#options;
    const gapMs = spreadMs / Math.max(1, plan[name]);
    let nextAt = Date.now() + gapMs * random();
    while (this.#counts[name] < plan[name] && !signal.aborted) {
      await this.#sleep(nextAt - Date.now());
      if (signal.aborted) return;
      nextAt = Math.max(Date.now(), nextAt + gapMs * (0.7 + random() * 0.6));
      if (await act()) this.#counts[name] += 1;
    }
  }

  async #killWorker(where: FailPoint | "random"): Promise<boolean> {
    const place = await this.#findHolding();
    if (place === undefined) return false;
    const { child, claims } = place.tenure;
    place.condemn();
    const died = where === "random" ? "random" : await this.#killAt(child, where);
    // Not a moment later: a mailbox with little in it is handed back soon.
    child.signal("SIGKILL");
    const since = Date.now();
    await child.exited();
    const held = await this.#options.watch.held([...claims.values()]);
    this.#note("kill", `${place.name} ${died}`, held);
    if (held.length === 0) {
      this.idleKills += 1;
      return false;
    }
    this.#countPoint(died);
    // How long they stay alone is measured while the next faults happen.
    this.#options.watch.takenOver(held, since).catch(() => {});
    return true;
  }

  async #killIngest(where: FailPoint | "random"): Promise<boolean> {
    const place = pick(this.#options.fleet.ingests, this.#options.random);
    while (!place.available(500)) if (!(await this.#sleep(50))) return false;
    const { child } = place.tenure;
    place.condemn();
    const died = where === "random" ? "random" : await this.#killAt(child, where);
    child.signal("SIGKILL");
    await child.exited();
    this.#note("kill of ingest", `${place.name} ${died}`, []);
    this.#countPoint(died);
    return true;
  }

  /** Where it died; `random` when it has not come past the point in time. */
  async #killAt(child: Child, point: FailPoint): Promise<FailPoint | "random"> {
    child.send({ arm: { point, hits: 1 + Math.floor(this.#options.random() * 10) } });
    const giveUpAt = Date.now() + armedForMs;
    while (child.alive && Date.now() < giveUpAt) await pause(5);
    return child.alive ? "random" : point;
  }

  /** Stops a worker until everything it held has gone to others, then lets it go on as if nothing had happened. */
  async #makeZombie(): Promise<boolean> {
    const { watch, random, fleet } = this.#options;
    // Somebody else has to be there to take over.
    while (fleet.workers.filter((other) => other.available()).length < 2) if (!(await this.#sleep(50))) return false;
    const place = await this.#findHolding();
    if (place === undefined) return false;
    place.reserved = true;
    const { child, claims } = place.tenure;
    try {
      if (random() < 0.6) await this.#stopAfterFetch(child);
      const where = child.stopped ? "after-fetch" : "random";
      const since = Date.now();
      child.signal("SIGSTOP");
      const held = await watch.held([...claims.values()]);
      this.#note("zombie", `${place.name} ${where}`, held);
      if (held.length > 0) await watch.takenOver(held, since);
      await this.#sleep(random() * 300);
      child.stopped = false;
      child.signal("SIGCONT");
      // Long enough to do harm, if it can.
      await this.#sleep(1_000);
      return held.length > 0;
    } finally {
      // Also one that stopped itself just when nobody waited for it any more.
      child.stopped = false;
      child.signal("SIGCONT");
      place.reserved = false;
    }
  }

  /** With work in its hands that others will do: the most harmful moment. It may not come in time. */
  async #stopAfterFetch(child: Child): Promise<void> {
    child.send({ arm: { point: "stop" } });
    const giveUpAt = Date.now() + armedForMs;
    while (child.alive && !child.stopped && Date.now() < giveUpAt) await pause(5);
    child.send({ arm: null });
  }

  async #restart(): Promise<boolean> {
    const mode = this.#options.random() < 0.5 ? "immediate" : "kill";
    this.#note("restart", mode, []);
    await this.#options.restart(mode);
    return true;
  }

  /** A worker that holds leases now, chosen at random; undefined when none does for a while. */
  async #findHolding(): Promise<Place | undefined> {
    const { fleet, watch, random, signal } = this.#options;
    const giveUpAt = Date.now() + 10_000;
    while (!signal.aborted && Date.now() < giveUpAt) {
      const available = fleet.workers.filter((place) => place.available(300));
      if (available.length > 0) {
        const place = pick(available, random);
        const held = await watch.held([...place.tenure.claims.values()]);
        if (held.length > 0 && place.available(300)) return place;
      }
      await this.#sleep(20);
    }
    return undefined;
  }

  #note(what: Fault["what"], detail: string, held: readonly Claimed[]): void {
    this.record.push({ at: Date.now(), what, detail, held });
  }

  #countPoint(point: FailPoint | "random"): void {
    this.byPoint.set(point, (this.byPoint.get(point) ?? 0) + 1);
  }

  /** False when the run was aborted meanwhile. */
  async #sleep(ms: number): Promise<boolean> {
    const { signal } = this.#options;
    if (ms > 0) await pause(ms, undefined, { signal }).catch(() => {});
    return !signal.aborted;
  }
}
