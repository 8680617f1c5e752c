import type { KernelDatabase, Rows, Session } from "./kernel-database.ts";
import type { Lurking } from "./lurking.ts";
import type { Observer } from "./observer.ts";
import type { DatabaseFault } from "./steps.ts";
import type { Owner, VirtualTime } from "./virtual-time.ts";

/** A process of Belay as the gates between it and the world see it. */
export interface Passenger extends Owner {
  readonly databaseFaults: Lurking<DatabaseFault>;
  /** It leaves or enters the process: the moment at which it may be told to die or to stand still. */
  passes(): Promise<"on" | "late" | "dead">;
}

interface Hold {
  readonly passenger: Passenger;
  inTransaction: boolean;
  /** The connection is lost: every further statement on it fails. */
  broken: boolean;
}

interface GateParts {
  readonly time: VirtualTime;
  readonly database: KernelDatabase;
  readonly observer: Observer;
  readonly random: () => number;
  readonly wallMs: () => number;
}

const longestStatementMs = 2;

/**
 * The way of all processes to the one connection of PGlite: a transaction has it to itself, the others wait. Statements take a little time, can be lost
 * before or after they took effect, and die with their process.
 */
export class DatabaseGate {
  readonly #parts: GateParts;
  #hold: Hold | undefined;
  #waiting: { readonly passenger: Passenger; readonly admit: (hold: Hold) => void }[] = [];
  #whenFree: (() => Promise<void>)[] = [];

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  async acquire(passenger: Passenger): Promise<Session> {
    const hold = await new Promise<Hold>((admit) => {
      this.#waiting.push({ passenger, admit });
      this.#grant();
    });
    return {
      run: (text, parameters) =>
        new Promise((resolve, reject) => this.#later(passenger, () => this.#execute(hold, text, parameters, resolve, reject))),
      release: () => {
        if (this.#hold === hold) this.#free();
      },
    };
  }

  /** Runs `work`, which sees no transaction half done, as soon as nobody has the connection. */
  whenFree(work: () => Promise<void>): void {
    const { time } = this.#parts;
    if (this.#hold === undefined) time.after(0, undefined, work);
    else this.#whenFree.push(work);
  }

  /** The process is gone, or stands still for longer than PostgreSQL waits for one in the middle of a transaction. */
  async cutOff(passenger: Passenger): Promise<void> {
    if (!passenger.alive) this.#waiting = this.#waiting.filter((waiting) => waiting.passenger !== passenger);
    if (this.#hold?.passenger === passenger) await this.#break(this.#hold);
  }

  /** Somebody who waits may go on again. */
  resume(): void {
    this.#grant();
  }

  async #execute(
    hold: Hold,
    text: string,
    parameters: readonly unknown[],
    resolve: (rows: Rows) => void,
    reject: (error: Error) => void,
  ): Promise<void> {
    const { passenger } = hold;
    const { time, observer } = this.#parts;
    if ((await passenger.passes()) === "dead") return;
    const fault = text === "rollback" || hold.broken ? undefined : passenger.databaseFaults.strike();
    if (fault === "lost-before") await this.#break(hold);
    if (hold.broken) {
      observer.note(time.now, passenger.name, "connection lost", nameOf(text));
      this.#later(passenger, () => reject(new Error("Connection terminated unexpectedly")));
      return;
    }
    const answer = await this.#perform(hold, text, parameters, fault === "serialisation");
    observer.note(time.now, passenger.name, nameOf(text), [parameters.map(toText), "error" in answer ? answer.error.message : answer.rows]);
    if (fault === "lost-after") await this.#break(hold);
    if ((await passenger.passes()) === "dead") return;
    this.#later(passenger, () => {
      if (fault === "lost-after") reject(new Error("Connection terminated unexpectedly"));
      else if ("error" in answer) reject(answer.error);
      else resolve(answer.rows);
    });
  }

  async #perform(
    hold: Hold,
    text: string,
    parameters: readonly unknown[],
    fails: boolean,
  ): Promise<{ readonly rows: Rows } | { readonly error: Error }> {
    const { database } = this.#parts;
    database.setClock(this.#parts.wallMs());
    try {
      if (fails) {
        // As after any error, the transaction is good for nothing but its rollback.
        if (hold.inTransaction) await database.run("rollback", []);
        hold.inTransaction = false;
        throw Object.assign(new Error("could not serialize access due to concurrent update"), { code: "40001" });
      }
      if (text === "rollback" && !hold.inTransaction) return { rows: [] };
      const rows = await database.run(text, parameters);
      if (text === "begin") hold.inTransaction = true;
      if (text === "commit" || text === "rollback") hold.inTransaction = false;
      return { rows };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  async #break(hold: Hold): Promise<void> {
    hold.broken = true;
    if (hold.inTransaction) await this.#parts.database.run("rollback", []);
    hold.inTransaction = false;
    if (this.#hold === hold) this.#free();
  }

  #free(): void {
    this.#hold = undefined;
    const { time } = this.#parts;
    for (const work of this.#whenFree.splice(0)) time.after(0, undefined, work);
    this.#grant();
  }

  #grant(): void {
    if (this.#hold !== undefined) return;
    const { time } = this.#parts;
    const index = this.#waiting.findIndex(({ passenger }) => passenger.alive && passenger.standsStillUntil <= time.now);
    const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (next === undefined) return;
    this.#hold = { passenger: next.passenger, inTransaction: false, broken: false };
    next.admit(this.#hold);
  }

  #later(passenger: Passenger, work: () => void | Promise<void>): void {
    this.#parts.time.after(this.#parts.random() * longestStatementMs, passenger, work);
  }
}

/** The first words of a statement that is not a row of them. */
function nameOf(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ").slice(0, 60);
}

function toText(parameter: unknown): unknown {
  return parameter instanceof Uint8Array ? Buffer.from(parameter).toString("base64") : parameter;
}
