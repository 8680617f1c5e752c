import { type Db, processDatabaseError } from "../db/index.ts";
import type { EndedRun } from "../flow/index.ts";
import { type Clock, type Counters, type Logger, WakeUp } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { insertAttempts } from "./store.ts";
import { type PersonalFields, writeDown } from "./write-down.ts";

/** How long attempts and their exchanges are kept. */
export interface ExchangeRetention {
  /** Whole days. */
  readonly exchangesDays: number;
}

export const defaultExchangeRetention: ExchangeRetention = { exchangesDays: 14 };

export interface AttemptLogParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly personalFields: PersonalFields;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly logger: Logger;
  /** Most that waits in memory to be written, bytes as estimated. Default 16 MB. */
  readonly maxBytes?: number;
}

const writeEveryMs = 250;
const rowsAtOnce = 200;

interface Waiting {
  readonly run: EndedRun;
  readonly bytes: number;
  /** It went well: left out first when there is no room. */
  readonly good: boolean;
}

/**
 * Writes down the attempts that are told of: in batches, a quarter of a second behind, never in the way of a run. When the database does not keep up, what
 * does not fit in memory is left out, what went well first; `exchanges.dropped` counts it and the log says so.
 */
export class AttemptLog {
  readonly #parts: AttemptLogParts;
  readonly #wake: WakeUp;
  readonly #running: Promise<void>;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #dropped = 0;
  #stopping = false;
  /** The database took the last batch. */
  #well = true;

  constructor(parts: AttemptLogParts) {
    this.#parts = parts;
    this.#wake = new WakeUp(parts.clock);
    this.#running = this.#run();
  }

  /** Takes note of a run. Costs a push: everything else happens later. Runs that are not told of are left out. */
  add(run: EndedRun): void {
    const failed = run.verdict.kind === "retry" || run.verdict.kind === "dead";
    if (run.report === undefined && !failed) return;
    const bytes = sizeOf(run);
    const good = !failed && run.report?.exchanges.every(({ ok }) => ok) === true;
    const { maxBytes = 16 * 1024 * 1024 } = this.#parts;
    if (this.#bytes + bytes > maxBytes && !good) this.#makeRoom(this.#bytes + bytes - maxBytes);
    if (this.#bytes + bytes > maxBytes) {
      this.#drop(1);
      return;
    }
    this.#waiting.push({ run, bytes, good });
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
      this.#parts.logger.warn({ error }, "Attempts could not be written down; they are tried again.");
      this.#waiting = [...batch, ...this.#waiting];
      this.#well = false;
    }
  }

  /** @throws when the database takes nothing now. One that it refuses for what is in it is left out, and costs no other. */
  async #write(batch: readonly Waiting[]): Promise<void> {
    const { db, cipher, personalFields, counters } = this.#parts;
    try {
      const runs = batch.map(({ run }) => run);
      await insertAttempts(db, await writeDown(runs, cipher, personalFields));
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
    this.#parts.logger.warn({ dropped: this.#dropped }, "Attempts were left out of the log of exchanges: the database does not keep up.");
    this.#dropped = 0;
  }
}

function bytesOf(all: readonly Waiting[]): number {
  return all.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Roughly what it takes in memory. The message's payload is counted because it is held on to. */
function sizeOf({ message, report }: EndedRun): number {
  let size = 1_000 + message.payload.length;
  for (const { request, response } of report?.exchanges ?? []) size += 1_000 + (request.body?.length ?? 0) + (response?.body.length ?? 0);
  for (const result of Object.values(message.steps)) size += result.length;
  return size;
}
