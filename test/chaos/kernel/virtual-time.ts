/** Who an appointment belongs to: a process of Belay that can die or stand still. */
export interface Owner {
  readonly name: string;
  alive: boolean;
  /** Virtual time until which it stands still; what is due before that is late. */
  standsStillUntil: number;
}

interface Appointment {
  at: number;
  readonly sequence: number;
  readonly owner: Owner | undefined;
  readonly run: () => void | Promise<void>;
  cancelled: boolean;
}

/** Callbacks of `setImmediate` run before the next one asked for here; the product's own chains of them are one link long. */
const turnsUntilQuiet = 3;

/**
 * Time in a history. It stands still while anything in this process can run, and jumps to the next appointment when nothing can: so a history takes no time
 * but that of its work, and its order depends on nothing but the appointments. Those at the same time are kept in the order in which they were made.
 */
export class VirtualTime {
  /** Milliseconds since the history began. Never jumps: clocks that people set are offsets to it. */
  now = 0;
  #sequence = 0;
  readonly #agenda: Appointment[] = [];

  /** Runs `run` after `ms`, unless its owner is dead by then. @returns what cancels it. */
  after(ms: number, owner: Owner | undefined, run: () => void | Promise<void>): () => void {
    const appointment: Appointment = { at: this.now + Math.max(0, ms), sequence: (this.#sequence += 1), owner, run, cancelled: false };
    this.#insert(appointment);
    return () => {
      appointment.cancelled = true;
    };
  }

  /** Keeps every appointment until `untilMs`, or until `stop` says so after one of them. */
  async runUntil(untilMs: number, stop: () => boolean = () => false): Promise<void> {
    await quiet();
    for (let next = this.#agenda[0]; next !== undefined && next.at <= untilMs && !stop(); next = this.#agenda[0]) {
      this.#agenda.shift();
      const { owner } = next;
      if (next.cancelled || owner?.alive === false) continue;
      this.now = Math.max(this.now, next.at);
      if (owner !== undefined && owner.standsStillUntil > this.now) {
        next.at = owner.standsStillUntil;
        this.#insert(next);
        continue;
      }
      await next.run();
      await quiet();
    }
    if (!stop()) this.now = Math.max(this.now, untilMs);
  }

  #insert(appointment: Appointment): void {
    let low = 0;
    let high = this.#agenda.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#agenda[middle];
      if (other !== undefined && (other.at < appointment.at || (other.at === appointment.at && other.sequence < appointment.sequence)))
        low = middle + 1;
      else high = middle;
    }
    this.#agenda.splice(low, 0, appointment);
  }
}

/** Resolves when nothing in this process can run but what time or the outside lets go on. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < turnsUntilQuiet; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
