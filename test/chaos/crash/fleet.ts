import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Child } from "./child.ts";
import type { Claimed } from "./protocol.ts";

export interface FleetOptions {
  readonly workers: number;
  readonly leaseMs: number;
  /** Mailboxes of one worker at most, so that under load each of them holds some. */
  readonly maxMailboxes: number;
  readonly tenants: number;
  readonly databaseUrl: string;
  readonly targetUrl: string;
  /** Where the ingest processes listen, each time they are started. */
  readonly ingestPorts: readonly number[];
  readonly plant: string;
  readonly logs: string;
  /** The database was down at some moment since then. */
  readonly databaseWasDownSince: (at: number) => boolean;
  /** A process ended that nobody had killed. */
  readonly onSurprise: (what: string) => void;
}

/** A process at a place, with the newest lease it said it had of each mailbox; it may have handed some back since. */
export interface Tenure {
  readonly child: Child;
  readonly claims: ReadonlyMap<string, Claimed>;
}

/** One place for a process of Belay; whenever its process has ended, another one is started. */
export class Place {
  readonly name: string;
  readonly #start: (onClaim: (claims: readonly Claimed[]) => void) => Child;
  readonly #options: Pick<FleetOptions, "onSurprise" | "databaseWasDownSince">;
  #tenure: Tenure;
  #startedAt = 0;
  #readySince = Number.POSITIVE_INFINITY;
  #condemned = false;
  #closing = false;
  /** A zombie is being made of it: others leave it alone. */
  reserved = false;

  constructor(
    name: string,
    start: (onClaim: (claims: readonly Claimed[]) => void) => Child,
    options: Pick<FleetOptions, "onSurprise" | "databaseWasDownSince">,
  ) {
    this.name = name;
    this.#start = start;
    this.#options = options;
    this.#tenure = this.#launch();
  }

  /** It has been at work for at least `ms`, and nobody else is about to do something to it. */
  available(ms = 0): boolean {
    return !this.reserved && !this.#condemned && this.#tenure.child.alive && Date.now() - this.#readySince >= ms;
  }

  /** Keep it when the process is about to die: the place has another one soon. */
  get tenure(): Tenure {
    return this.#tenure;
  }

  /** From now on its end is no surprise. */
  condemn(): void {
    this.#condemned = true;
  }

  /** Resolves when a process is at work here, after as many attempts as it takes, and after a minute at the latest. */
  async ready(): Promise<void> {
    const giveUpAt = Date.now() + 60_000;
    while (this.#readySince === Number.POSITIVE_INFINITY) {
      if (Date.now() > giveUpAt || this.#closing) throw new Error(`${this.name} did not start.`);
      await pause(20);
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#tenure.child.stop();
  }

  #launch(): Tenure {
    const claims = new Map<string, Claimed>();
    this.#condemned = false;
    this.#readySince = Number.POSITIVE_INFINITY;
    this.#startedAt = Date.now();
    const child = this.#start((claimed) => {
      for (const claim of claimed) claims.set(`${claim.tenant}\n${claim.mailbox}`, claim);
    });
    child.ready.then(
      () => {
        this.#readySince = Date.now();
      },
      () => {},
    );
    child.exited().then(
      () => this.#ended(child),
      () => this.#ended(child),
    );
    return { child, claims };
  }

  #ended(child: Child): void {
    if (this.#closing) return;
    // Without a database it rightly ends while it starts, and is started again.
    const mayEnd = this.#readySince === Number.POSITIVE_INFINITY && this.#options.databaseWasDownSince(this.#startedAt);
    if (!this.#condemned && !mayEnd) this.#options.onSurprise(`${this.name} ended by itself (${child.end}), see its log`);
    setTimeout(
      () => {
        if (!this.#closing) this.#tenure = this.#launch();
      },
      this.#condemned ? 0 : 200,
    );
  }
}

/** All processes of Belay: those that take events in, two of them so that commits of different processes meet, and the workers. */
export class Fleet {
  readonly ingests: readonly Place[];
  readonly workers: readonly Place[];
  readonly #maxMailboxes: number;

  constructor(options: FleetOptions) {
    this.#maxMailboxes = options.maxMailboxes;
    const place = (name: string, roles: string, port: number): Place =>
      new Place(
        name,
        (onClaim) =>
          new Child({
            entry: "belay-process.ts",
            injected: true,
            log: join(options.logs, `${name}.log`),
            environment: {
              CHAOS_DATABASE: options.databaseUrl,
              CHAOS_TARGET: options.targetUrl,
              CHAOS_TENANTS: String(options.tenants),
              CHAOS_LEASE_MS: String(options.leaseMs),
              CHAOS_MAX_MAILBOXES: String(options.maxMailboxes),
              CHAOS_PLANT: options.plant,
              CHAOS_ROLES: roles,
              CHAOS_PORT: String(port),
            },
            onMessage: (message) => {
              if ("claimed" in message) onClaim(message.claimed);
            },
          }),
        options,
      );
    this.ingests = options.ingestPorts.map((port, index) => place(`ingest-${index + 1}`, "ingest,web", port));
    this.workers = Array.from({ length: options.workers }, (_, index) => place(`worker-${index + 1}`, "worker", 0));
  }

  /** How many mailboxes could be held by those workers that are at work now. */
  get room(): number {
    return this.workers.filter((place) => place.available()).length * this.#maxMailboxes;
  }

  async ready(): Promise<void> {
    await Promise.all([...this.ingests, ...this.workers].map((place) => place.ready()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.ingests, ...this.workers].map((place) => place.close()));
  }
}
