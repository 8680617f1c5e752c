import { seededRandom, seedFor } from "@belay/testkit";
import { WallClocks } from "./clocks.ts";
import { DatabaseGate, type Passenger } from "./database-gate.ts";
import { toDb } from "./kernel-database.ts";
import { createKernelNetwork } from "./kernel-network.ts";
import type { HistoryDatabase } from "./line.ts";
import type { ProcessPorts } from "./kernel-process.ts";
import { Lurking } from "./lurking.ts";
import type { Observer } from "./observer.ts";
import type { ProviderRequest, Providers } from "./providers.ts";
import type { DatabaseFault, RequestFault, Setting, Step } from "./steps.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A process of Belay, as far as the world has to do with it. */
export interface WorldProcess {
  /** Others have committed something, or somebody wants it to look. */
  wake(notice?: string): void;
  stop(): Promise<void>;
}

export interface WorldParts<Process extends WorldProcess> {
  readonly time: VirtualTime;
  readonly database: HistoryDatabase;
  readonly observer: Observer;
  readonly providers: Pick<Providers, "serve">;
  /** Whose account at a provider a request is for; outages are of one. */
  readonly accountOf: (request: ProviderRequest) => string;
  readonly createProcess: (ports: ProcessPorts) => Process;
  readonly seed: number;
  /** The longest way of a statement to the database, or back. Default 2. */
  readonly longestStatementMs?: number;
  readonly setting: Pick<Setting, "processes" | "skewMs">;
}

type ProcessFault = { readonly kind: "crash"; readonly downMs: number } | { readonly kind: "standstill"; readonly forMs: number };

/** A place in which processes of Belay run one after the other. */
interface Slot<Process> {
  readonly number: number;
  readonly faults: Lurking<ProcessFault>;
  readonly databaseFaults: Lurking<DatabaseFault>;
  starts: number;
  running: { readonly process: Process; readonly passenger: Passenger } | undefined;
}

interface Trouble {
  readonly account: string;
  readonly untilMs: number;
  readonly as: "unavailable" | "refused" | "unauthorized";
}

const longestNoticeMs = 5;
/** A deployment starts the next process so long after the one before has stopped, ms. */
const deploymentMs = 50;

/** What the schedule acts on: processes of Belay, the ways to their database and to the providers, and the faults that lie in wait there. */
export class World<Process extends WorldProcess> {
  readonly clocks: WallClocks;
  readonly gate: DatabaseGate;
  /** How often a fault has struck. */
  struck = 0;
  readonly #parts: WorldParts<Process>;
  readonly #random: () => number;
  readonly #slots: readonly Slot<Process>[];
  readonly #requestFaults = new Lurking<RequestFault>();
  readonly #troubles: Trouble[] = [];

  constructor(parts: WorldParts<Process>) {
    this.#parts = parts;
    const { time, database, observer } = parts;
    this.clocks = new WallClocks(time);
    this.#random = seededRandom(seedFor(parts.seed, "world"));
    this.gate = new DatabaseGate({
      time,
      database,
      observer,
      random: this.#random,
      wallMs: () => this.clocks.databaseMs(),
      longestStatementMs: parts.longestStatementMs ?? 2,
      onNotice: (notice) => this.#tell(notice),
    });
    this.#slots = Array.from({ length: parts.setting.processes }, (_, number) => {
      this.clocks.moveProcess(number, parts.setting.skewMs[number] ?? 0);
      return { number, faults: new Lurking<ProcessFault>(), databaseFaults: new Lurking<DatabaseFault>(), starts: 0, running: undefined };
    });
    for (const slot of this.#slots) this.#start(slot);
  }

  /** The process that takes a delivery; undefined where nobody listens. */
  listener(index: number): { readonly process: Process; readonly passenger: Passenger } | undefined {
    return this.#slots[index % this.#slots.length]?.running;
  }

  /** Every process listens, the one that has sent it among them. */
  #tell(notice: string): void {
    for (const { running } of this.#slots) {
      if (running === undefined) continue;
      this.#parts.time.after(this.#random() * longestNoticeMs, running.passenger, () => running.process.wake(notice));
    }
  }

  wake(): void {
    for (const { running } of this.#slots) running?.process.wake();
  }

  /** Lets the fault of a step come about, or lie in wait. */
  apply(step: Exclude<Step, { kind: "event" | "delivery-fault" }>): void {
    const { now } = this.#parts.time;
    switch (step.kind) {
      case "request-fault":
        return this.#requestFaults.add(step.what, step.skip);
      case "outage":
        return void this.#troubles.push({ account: accountOf(step), as: step.as, untilMs: now + step.forMs });
      case "token-loss":
        return void this.#troubles.push({ account: accountOf(step), as: "unauthorized", untilMs: now + step.forMs });
      case "crash":
      case "standstill":
        return this.#slotOf(step.process).faults.add(step, step.skip);
      case "database-fault":
        return this.#slotOf(step.process).databaseFaults.add(step.what, step.skip);
      case "deployment":
        return this.#deploy(this.#slotOf(step.process));
      case "clock-jump":
        return this.#jump(step);
    }
  }

  /** The end of the schedule: what still lies in wait never comes about. */
  calm(): void {
    this.#requestFaults.clear();
    for (const { faults, databaseFaults } of this.#slots) {
      faults.clear();
      databaseFaults.clear();
    }
    this.#troubles.length = 0;
  }

  #jump(step: Extract<Step, { kind: "clock-jump" }>): void {
    this.struck += 1;
    if (step.clock === "all") this.clocks.all += step.byMs;
    else if (step.clock === "database") this.clocks.database += step.byMs;
    else this.clocks.moveProcess(step.process, step.byMs);
  }

  #slotOf(process: number): Slot<Process> {
    const slot = this.#slots[process % this.#slots.length];
    if (slot === undefined) throw new Error("A world has at least one process.");
    return slot;
  }

  #start(slot: Slot<Process>): void {
    const { time, observer, seed } = this.#parts;
    slot.starts += 1;
    const passenger: Passenger = {
      name: `process ${slot.number}.${slot.starts}`,
      alive: true,
      standsStillUntil: 0,
      databaseFaults: slot.databaseFaults,
      passes: () => this.#pass(slot, passenger),
    };
    const note = (what: string, facts: unknown): void => observer.note(time.now, passenger.name, what, facts);
    note("starts", "");
    const process = this.#parts.createProcess({
      owner: passenger,
      time,
      db: toDb(() => this.gate.acquire(passenger)),
      network: createKernelNetwork(passenger, {
        time,
        observer,
        providers: this.#parts.providers,
        random: this.#random,
        drawFault: (request) => this.#drawRequestFault(request),
      }),
      nowMs: () => this.clocks.processMs(slot.number),
      random: seededRandom(seedFor(seed, passenger.name)),
      note,
    });
    slot.running = { process, passenger };
  }

  async #pass(slot: Slot<Process>, passenger: Passenger): Promise<"on" | "late" | "dead"> {
    if (!passenger.alive) return "dead";
    const { time } = this.#parts;
    if (passenger.standsStillUntil > time.now) return "late";
    const fault = slot.faults.strike();
    if (fault === undefined) return "on";
    this.struck += 1;
    if (fault.kind === "crash") {
      await this.#end(slot, passenger, "dies");
      time.after(fault.downMs, undefined, () => this.#start(slot));
      return "dead";
    }
    this.#note(passenger, `stands still for ${fault.forMs} ms`);
    passenger.standsStillUntil = time.now + fault.forMs;
    await this.gate.cutOff(passenger);
    time.after(fault.forMs, undefined, () => this.gate.resume());
    return "late";
  }

  /** From here on nothing that it has begun has any effect. */
  async #end(slot: Slot<Process>, passenger: Passenger, how: string): Promise<void> {
    this.#note(passenger, how);
    passenger.alive = false;
    slot.running = undefined;
    await this.gate.cutOff(passenger);
  }

  #deploy(slot: Slot<Process>): void {
    const { running } = slot;
    if (running === undefined) return;
    this.struck += 1;
    this.#note(running.passenger, "is told to stop");
    // It takes nothing more in; the next one starts when it has ended.
    slot.running = undefined;
    running.process.stop().then(
      () =>
        this.#parts.time.after(deploymentMs, running.passenger, async () => {
          await this.#end(slot, running.passenger, "has stopped");
          this.#start(slot);
        }),
      (error: unknown) => this.#note(running.passenger, `could not stop: ${String(error)}`),
    );
  }

  #drawRequestFault(request: ProviderRequest): RequestFault | "unavailable" | undefined {
    const { now } = this.#parts.time;
    const trouble = this.#troubles.find(({ account, untilMs }) => untilMs > now && account === this.#parts.accountOf(request));
    const fault = trouble?.as ?? this.#requestFaults.strike();
    if (fault !== undefined) this.struck += 1;
    return fault;
  }

  #note({ name }: Passenger, what: string): void {
    this.#parts.observer.note(this.#parts.time.now, name, what);
  }
}

/** The account of a tenant at a target. */
export function accountOf({ tenant, target }: { readonly tenant: string; readonly target: string }): string {
  return `${tenant}/${target}`;
}
