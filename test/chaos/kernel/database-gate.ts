import type { Rows, Session } from "./kernel-database.ts";
import type { Answer, Blocked, HistoryDatabase, Line } from "./line.ts";
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
  readonly line: Line;
  /** Its statement waits for a lock, and what happens when it has an answer. */
  blocked: { readonly statement: Blocked; readonly goOn: (answer: Answer) => Promise<void> } | undefined;
  inTransaction: boolean;
  /** A statement of the transaction has failed: those that were sent behind it do as well, up to the rollback. */
  isAborted: boolean;
  /** What is told to others when it commits. */
  notices: string[];
  /** The connection is lost: every further statement on it fails. */
  broken: boolean;
  /** Resolves when what was sent so far has its answer: what is sent together comes to its turn in that order. */
  answered: Promise<unknown>;
}

interface GateParts {
  readonly time: VirtualTime;
  readonly database: HistoryDatabase;
  readonly observer: Observer;
  readonly random: () => number;
  readonly wallMs: () => number;
  /** The longest way of a statement, there or back. */
  readonly longestStatementMs: number;
  /** Somebody has notified those who listen, and has committed it. */
  readonly onNotice: (payload: string) => void;
}

/**
 * The way of all processes to the database. With one line, PGlite's, a transaction has it to itself and the others wait; with several, PostgreSQL's, statements
 * go one at a time, and one that waits for a lock lets the others go on. Statements take a little time, can be lost before or after they took
 * effect, and die with their process.
 */
export class DatabaseGate {
  readonly #parts: GateParts;
  readonly #holds = new Map<Line, Hold>();
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
      run: (text, parameters) => {
        const rows = hold.answered.then(
          () =>
            new Promise<Rows>((resolve, reject) => this.#later(passenger, () => this.#execute(hold, text, parameters, resolve, reject))),
        );
        hold.answered = rows.catch(() => {});
        return rows;
      },
      release: () => {
        if (this.#holds.get(hold.line) === hold) this.#free(hold);
      },
    };
  }

  /** Runs `work`, which sees no transaction half done, as soon as nobody has the connection. */
  whenFree(work: () => Promise<void>): void {
    const { time, database } = this.#parts;
    // Of several lines none sees what another has not committed.
    if (this.#holds.size === 0 || database.lines.length > 1) time.after(0, undefined, work);
    else this.#whenFree.push(work);
  }

  /** The process is gone, or stands still for longer than PostgreSQL waits for one in the middle of a transaction. */
  async cutOff(passenger: Passenger): Promise<void> {
    if (!passenger.alive) this.#waiting = this.#waiting.filter((waiting) => waiting.passenger !== passenger);
    for (const hold of this.#holds.values()) if (hold.passenger === passenger) await this.#break(hold);
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
    const goOn = async (answer: Answer): Promise<void> => {
      if ("rows" in answer) this.#notice(hold, text, parameters);
      observer.note(time.now, passenger.name, nameOf(text), [
        parameters.map(toText),
        "error" in answer ? answer.error.message : answer.rows,
      ]);
      if (fault === "lost-after") await this.#break(hold);
      if ((await passenger.passes()) === "dead") return;
      this.#later(passenger, () => {
        if (fault === "lost-after") reject(new Error("Connection terminated unexpectedly"));
        else if ("error" in answer) reject(answer.error);
        else resolve(answer.rows);
      });
    };
    const answer = await this.#perform(hold, text, parameters, fault === "serialisation");
    if ("look" in answer) {
      observer.note(time.now, passenger.name, "waits for a lock", nameOf(text));
      hold.blocked = { statement: answer, goOn };
    } else {
      await goOn(answer);
    }
    await this.#wakeBlocked();
  }

  /** As LISTEN and NOTIFY do: nothing is told before its transaction has committed. */
  #notice(hold: Hold, text: string, parameters: readonly unknown[]): void {
    if (text.includes("pg_notify")) hold.notices.push(...parameters.filter((parameter) => typeof parameter === "string"));
    if (text === "rollback") hold.notices = [];
    if (!hold.inTransaction) for (const notice of hold.notices.splice(0)) this.#parts.onNotice(notice);
  }

  /** A statement has ended: others may have got the lock that they waited for. */
  async #wakeBlocked(): Promise<void> {
    for (const hold of this.#holds.values()) {
      const answer = await hold.blocked?.statement.look();
      if (answer === undefined || hold.blocked === undefined) continue;
      const { goOn } = hold.blocked;
      hold.blocked = undefined;
      await goOn(answer);
    }
  }

  async #perform(hold: Hold, text: string, parameters: readonly unknown[], fails: boolean): Promise<Answer | Blocked> {
    const { line } = hold;
    if (hold.isAborted && text !== "rollback")
      return { error: Object.assign(new Error("current transaction is aborted"), { code: "25P02" }) };
    hold.isAborted = false;
    this.#parts.database.setClock(this.#parts.wallMs());
    if (fails) {
      // As after any error, the transaction is good for nothing but its rollback.
      if (hold.inTransaction) await line.run("rollback", []);
      hold.isAborted = hold.inTransaction;
      hold.inTransaction = false;
      return { error: Object.assign(new Error("could not serialize access due to concurrent update"), { code: "40001" }) };
    }
    if (text === "rollback" && !hold.inTransaction) return { rows: [] };
    if (text === "begin") hold.inTransaction = true;
    if (text === "commit" || text === "rollback") hold.inTransaction = false;
    return await line.run(text, parameters);
  }

  async #break(hold: Hold): Promise<void> {
    hold.broken = true;
    await hold.blocked?.statement.cancel();
    hold.blocked = undefined;
    if (hold.inTransaction) await hold.line.run("rollback", []);
    hold.inTransaction = false;
    if (this.#holds.get(hold.line) === hold) this.#free(hold);
  }

  #free(hold: Hold): void {
    this.#holds.delete(hold.line);
    const { time } = this.#parts;
    if (this.#holds.size === 0) for (const work of this.#whenFree.splice(0)) time.after(0, undefined, work);
    this.#grant();
  }

  #grant(): void {
    const { time, database } = this.#parts;
    const line = database.lines.find((candidate) => !this.#holds.has(candidate));
    if (line === undefined) return;
    const index = this.#waiting.findIndex(({ passenger }) => passenger.alive && passenger.standsStillUntil <= time.now);
    const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (next === undefined) return;
    const hold: Hold = {
      passenger: next.passenger,
      line,
      blocked: undefined,
      inTransaction: false,
      isAborted: false,
      notices: [],
      broken: false,
      answered: Promise.resolve(),
    };
    this.#holds.set(line, hold);
    next.admit(hold);
  }

  #later(passenger: Passenger, work: () => void | Promise<void>): void {
    this.#parts.time.after(this.#parts.random() * this.#parts.longestStatementMs, passenger, work);
  }
}

/** The first words of a statement that is not a row of them. */
function nameOf(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ").slice(0, 60);
}

function toText(parameter: unknown): unknown {
  return parameter instanceof Uint8Array ? Buffer.from(parameter).toString("base64") : parameter;
}
