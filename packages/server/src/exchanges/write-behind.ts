import { processDatabaseError } from "../db/index.ts";
import { type Clock, type Counters, type Logger, WakeUp } from "../telemetry/index.ts";

export interface WriteBehindParts<Item> {
  /** Writes all or nothing. */
  readonly write: (items: readonly Item[]) => Promise<void>;
  /** What is written, as the log calls it: `Attempts`. */
  readonly what: string;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly logger: Logger;
  /** Most that waits in memory to be written, bytes as estimated. Default 16 MB. */
  readonly maxBytes?: number;
}

const writeEveryMs = 250;
const rowsAtOnce = 200;

interface Waiting<Item> {
  readonly item: Item;
  readonly bytes: number;
  /** It went well: left out first when there is no room. */
  readonly good: boolean;
}

/**
 * Writes in batches, a quarter of a second behind, never in the way of what it writes of. When the database does not keep up, what does not fit in memory is left out,
 * what went well first; `exchanges.dropped` counts it and the log says so.
 */
export class WriteBehind<Item> {
  readonly #parts: WriteBehindParts<Item>;
  readonly #wake: WakeUp;
  readonly #running: Promise<void>;
  #waiting: Waiting<Item>[] = [];
  #bytes = 0;
  #dropped = 0;
  #stopping = false;
  /** The database took the last batch. */
  #well = true;

  constructor(parts: WriteBehindParts<Item>) {
    this.#parts = parts;
    this.#wake = new WakeUp(parts.clock);
    this.#running = this.#run();
  }

  /** Takes note of something. Costs a push: everything else happens later. `good`: it went well, and is left out first when there is no room. */
  add(item: Item, bytes: number, good: boolean): void {
    const { maxBytes = 16 * 1024 * 1024 } = this.#parts;
    if (this.#bytes + bytes > maxBytes && !good) this.#makeRoom(this.#bytes + bytes - maxBytes);
    if (this.#bytes + bytes > maxBytes) {
      this.#drop(1);
      return;
    }
    this.#waiting.push({ item, bytes, good });
    this.#bytes += bytes;
    // While the database takes nothing, it is asked again at its own pace.
    if (this.#waiting.length >= rowsAtOnce && this.#well) this.#wake.ring();
  }

  /** Writes what waits and ends. Calling it twice is safe. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.#wake.ring();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping || (this.#waiting.length > 0 && this.#well)) {
      if (!this.#stopping && (this.#waiting.length < rowsAtOnce || !this.#well)) await this.#wake.sleep(writeEveryMs);
      if (this.#waiting.length > 0) await this.#writeSome();
      this.#tellOfDropped();
    }
    if (this.#waiting.length > 0) this.#drop(this.#waiting.length);
    this.#tellOfDropped();
  }

  async #writeSome(): Promise<void> {
    const batch = this.#waiting.splice(0, rowsAtOnce);
    try {
      await this.#write(batch);
      this.#well = true;
    } catch (error) {
      this.#parts.logger.warn({ error }, `${this.#parts.what} could not be written down; they are tried again.`);
      this.#waiting = [...batch, ...this.#waiting];
      this.#well = false;
    }
  }

  /** @throws when the database takes nothing now. One that it refuses for what is in it is left out, and costs no other. */
  async #write(batch: readonly Waiting<Item>[]): Promise<void> {
    const { write, counters } = this.#parts;
    try {
      await write(batch.map(({ item }) => item));
      counters.add("exchanges.written", batch.length);
    } catch (error) {
      if (processDatabaseError(error) !== "refused") throw error;
      if (batch.length > 1) {
        for (const one of batch) await this.#write([one]);
        return;
      }
      this.#drop(1);
    }
    this.#bytes -= bytesOf(batch);
  }

  /** Leaves out what went well, oldest first, until so many bytes are free. */
  #makeRoom(wanted: number): void {
    if (!this.#waiting.some(({ good }) => good)) return;
    let free = 0;
    const left = this.#waiting.filter(({ good, bytes }) => {
      if (!good || free >= wanted) return true;
      free += bytes;
      return false;
    });
    this.#drop(this.#waiting.length - left.length);
    this.#waiting = left;
    this.#bytes -= free;
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#parts.counters.add("exchanges.dropped", count);
  }

  #tellOfDropped(): void {
    if (this.#dropped === 0) return;
    this.#parts.logger.warn(
      { dropped: this.#dropped },
      `${this.#parts.what} were left out of the log of exchanges: the database does not keep up.`,
    );
    this.#dropped = 0;
  }
}

function bytesOf(all: readonly Waiting<unknown>[]): number {
  return all.reduce((sum, { bytes }) => sum + bytes, 0);
}
