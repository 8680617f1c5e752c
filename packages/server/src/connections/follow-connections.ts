import type { CatalogInForce } from "../catalog/index.ts";
import { type Database, keepReading } from "../db/index.ts";
import { type Clock, type Logger, WakeUp } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { connectionChannel, type ConnectionRow, readChanged, readHorizon } from "./store.ts";
import { toConnection, webhookSecretsOf } from "./to-connection.ts";

export interface FollowerParts {
  readonly database: Pick<Database, "db" | "url">;
  readonly cipher: Cipher;
  readonly catalog: CatalogInForce;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a change may stay unseen whose notice was lost. Default 5 s. */
  readonly pollMs?: number;
}

/** Keeps the catalog of this process as the table is. */
export interface ConnectionFollower {
  /** Resolves when everything that was committed before the call is in the catalog. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const atOnce = 5_000;

/**
 * Puts the connections that were made while Belay runs into the catalog, and from then on what becomes of them: at once what another process notifies, within
 * `pollMs` what it notified in vain.
 *
 * @throws the database's error when it does not answer at the start; later it is logged, and tried again.
 */
export async function followConnections(parts: FollowerParts): Promise<ConnectionFollower> {
  const { database, clock, logger, pollMs = 5_000 } = parts;
  const follower = new CatalogFollower(parts);
  await follower.read();
  const reading = keepReading({
    url: database.url,
    channel: connectionChannel,
    name: "belay connections",
    noticed: new WakeUp(clock),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    pollMs,
    read: () => follower.read(),
    onListenTrouble: (error, failures) =>
      logger.warn({ error, failures }, "Cannot listen for connections that other processes make; the poll finds them meanwhile."),
    onReadTrouble: (error) => logger.warn({ error }, "Connections could not be read; it is tried again."),
  });
  return {
    sync: () => follower.read(),
    close: () => reading.close(),
  };
}

/** Reads what has changed; one reading at a time, so that an older one never overwrites what a newer one saw. */
class CatalogFollower {
  readonly #parts: FollowerParts;
  /** Of every row the change that the catalog has. */
  readonly #seen = new Map<string, string>();
  #from = "0";
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /** A reading that begins after the call. */
  read(): Promise<void> {
    if (this.#reading === undefined) {
      this.#reading = this.#read().finally(() => (this.#reading = undefined));
      return this.#reading;
    }
    this.#next ??= this.#reading
      .catch(() => {}) // told to those who asked for that one
      .then(() => {
        this.#next = undefined;
        return this.read();
      });
    return this.#next;
  }

  async #read(): Promise<void> {
    const { db } = this.#parts.database;
    // First the horizon: a transaction that is under way now is looked for again the next time.
    const horizon = await readHorizon(db);
    let place = { changed: this.#from, id: "" };
    for (let page: ConnectionRow[] | undefined; page === undefined || page.length === atOnce;) {
      page = await readChanged(db, place, atOnce);
      for (const row of page) this.#apply(row);
      place = page.at(-1) ?? place;
    }
    this.#from = horizon;
  }

  #apply(row: ConnectionRow): void {
    const { catalog, cipher } = this.#parts;
    if (row.configured || this.#seen.get(row.id) === row.changed) return;
    this.#seen.set(row.id, row.changed);
    if (row.removed) catalog.remove(row.id);
    else catalog.put(toConnection(row), webhookSecretsOf(cipher, row));
  }
}
