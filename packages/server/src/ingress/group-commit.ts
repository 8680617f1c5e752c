import { BelayError, isBelayError } from "@belay/sdk";
import { type Db, processDatabaseError } from "../db/index.ts";
import { commitMessages, type IdMarks, type MailboxKey, notifyWorkers, sealWork, toMailboxKey } from "../mailbox/index.ts";
import type { ReferenceWriter } from "../references/index.ts";
import type { Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { InterpretedEvent } from "./interpret-event.ts";
import { type DedupeRow, insertDedupeKeys } from "./store.ts";

export interface GroupCommitOptions {
  /** Tell workers in other processes. */
  readonly notify: boolean;
  /** Called after each commit, with the mailboxes that got work. */
  readonly onCommit: (mailboxes: readonly MailboxKey[]) => void;
  /** Makes what messages are found by. Without it they have no references. */
  readonly references?: ReferenceWriter;
  /** Without it messages are found more slowly by their time. */
  readonly idMarks?: IdMarks;
  readonly maxBatch?: number;
  readonly maxBatchBytes?: number;
  /** Events and bytes that may wait for a transaction; above that callers are told to come back. */
  readonly maxWaiting?: number;
  readonly maxWaitingBytes?: number;
}

const defaultLimits = { maxBatch: 500, maxBatchBytes: 4 * 1024 * 1024, maxWaiting: 10_000, maxWaitingBytes: 128 * 1024 * 1024 };

interface Waiting {
  readonly event: InterpretedEvent;
  readonly endpoint: string;
  readonly bytes: number;
  readonly resolve: (outcome: "accepted" | "duplicate") => void;
  readonly reject: (error: BelayError) => void;
}

/**
 * Commits the events of many requests in one transaction: whoever arrives while one is under way goes with the next. A single request waits for nobody.
 * One transaction at a time: a second would wait for the mailboxes that the first has locked, and two groups of half the size cost more than one.
 * An event that the database refuses costs only itself: the group is halved until it stands alone.
 */
export class GroupCommit {
  readonly #db: Db;
  readonly #cipher: Cipher;
  readonly #logger: Logger;
  readonly #options: GroupCommitOptions & typeof defaultLimits;
  readonly #waitingByEndpoint = new Map<string, number>();
  #queue: Waiting[] = [];
  #waiting = 0;
  #waitingBytes = 0;
  #running = false;

  constructor(db: Db, cipher: Cipher, logger: Logger, options: GroupCommitOptions) {
    this.#db = db;
    this.#cipher = cipher;
    this.#logger = logger;
    this.#options = { ...defaultLimits, ...options };
  }

  /**
   * Resolves when the event is on disk: `accepted`, or `duplicate` when it had been before.
   *
   * @throws `INGRESS_BUSY` when this endpoint fills more than half of the queue, `INGRESS_UNAVAILABLE` when the queue is full or the database
   *   does not answer, `INGRESS_REFUSED` when it refuses the event itself. Then nothing was stored – or its answer was lost: sending again is safe.
   */
  submit(endpoint: string, event: InterpretedEvent): Promise<"accepted" | "duplicate"> {
    const bytes = event.messages[0]?.payload.byteLength ?? event.quarantined[0]?.payload.byteLength ?? 0;
    const ofEndpoint = this.#waitingByEndpoint.get(endpoint) ?? 0;
    if (this.#waiting >= this.#options.maxWaiting || this.#waitingBytes + bytes > this.#options.maxWaitingBytes) {
      return Promise.reject(new BelayError("INGRESS_UNAVAILABLE", "Too many events wait to be stored.", { retry: "backoff" }));
    }
    if (ofEndpoint >= this.#options.maxWaiting / 2) {
      return Promise.reject(new BelayError("INGRESS_BUSY", "Too many events of this endpoint wait to be stored.", { retry: "backoff" }));
    }
    this.#waiting += 1;
    this.#waitingBytes += bytes;
    this.#waitingByEndpoint.set(endpoint, ofEndpoint + 1);
    return new Promise((resolve, reject) => {
      this.#queue.push({ event, endpoint, bytes, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#running || this.#queue.length === 0) return;
    this.#running = true;
    // Requests that arrived in the same turn of the event loop go together.
    setImmediate(() => {
      this.#commit(this.#takeBatch())
        .finally(() => {
          this.#running = false;
          this.#schedule();
        })
        // It tells every waiting request how it ended and never rejects.
        .catch(() => {});
    });
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { bytes: more } of this.#queue) {
      if (count > 0 && (count >= this.#options.maxBatch || bytes + more > this.#options.maxBatchBytes)) break;
      bytes += more;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const accepted = await this.#store(batch.map(({ event }) => event));
      batch.forEach((waiting, index) => this.#leave(waiting, () => waiting.resolve(accepted[index] === true ? "accepted" : "duplicate")));
      this.#options.onCommit(batch.flatMap(({ event }, index) => (accepted[index] === true ? event.messages.map(toMailboxKey) : [])));
    } catch (error) {
      // Errors of our own are about keys: those of one tenant that cannot be had cost the others nothing.
      if (batch.length > 1 && (processDatabaseError(error) === "refused" || isBelayError(error))) {
        const half = Math.ceil(batch.length / 2);
        await this.#commit(batch.slice(0, half));
        await this.#commit(batch.slice(half));
        return;
      }
      const refused = processDatabaseError(error) === "refused";
      this.#logger.warn(
        { error, events: batch.length },
        refused ? "The database refused an event." : "Events could not be stored; their senders were told to send again.",
      );
      for (const waiting of batch) {
        const answer = refused
          ? new BelayError("INGRESS_REFUSED", "The database refused this event.", { cause: error })
          : new BelayError("INGRESS_UNAVAILABLE", "The event could not be stored now.", { retry: "backoff", cause: error });
        this.#leave(waiting, () => waiting.reject(answer));
      }
    }
  }

  #leave(waiting: Waiting, settle: () => void): void {
    this.#waiting -= 1;
    this.#waitingBytes -= waiting.bytes;
    const ofEndpoint = (this.#waitingByEndpoint.get(waiting.endpoint) ?? 1) - 1;
    if (ofEndpoint === 0) this.#waitingByEndpoint.delete(waiting.endpoint);
    else this.#waitingByEndpoint.set(waiting.endpoint, ofEndpoint);
    settle();
  }

  /** Which of the events were new. */
  async #store(events: readonly InterpretedEvent[]): Promise<boolean[]> {
    const claimed = new Map<string, DedupeRow>();
    // Within a group the first delivery of an event counts; the group stands or falls as one, so the others are its duplicates.
    const first = events.map((event) => {
      const rows = event.keys.map((key) => ({ tenant: event.tenant, connection: event.connection, key, keep_ms: event.keepKeysMs }));
      const isFirst = rows.every((row) => !claimed.has(toText(row)));
      for (const row of rows) if (!claimed.has(toText(row))) claimed.set(toText(row), row);
      return isFirst;
    });
    const { references } = this.#options;
    const fingerprints = await references?.fingerprint(events.flatMap(({ messages, quarantined }) => [...messages, ...quarantined]));
    // Before the transaction: no mailbox is locked meanwhile, and a key that has to be read needs a connection.
    const sealed = await sealWork(this.#cipher, events, fingerprints);
    return await this.#db.transaction().execute(async (tx) => {
      const sorted = [...claimed.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
      const fresh = new Set((await insertDedupeKeys(tx, sorted)).map(toText));
      const isNew = events.map((event, index) => first[index] === true && event.keys.every((key) => fresh.has(toText({ ...event, key }))));
      const news = events.filter((_, index) => isNew[index]);
      if (news.length > 0) {
        await this.#options.idMarks?.note(tx);
        await commitMessages(
          tx,
          sealed.filter((_, index) => isNew[index]),
        );
        if (this.#options.notify) await notifyWorkers(tx, distinct(news));
      }
      return isNew;
    });
  }
}

function distinct(events: readonly InterpretedEvent[]): MailboxKey[] {
  const keys = events.flatMap(({ messages }) => messages.map(toMailboxKey));
  return [...new Map(keys.map((key) => [`${key.tenant}\n${key.mailbox}`, key])).values()];
}

function toText({ tenant, connection, key }: Pick<DedupeRow, "tenant" | "connection" | "key">): string {
  return `${tenant}\n${connection}\n${key}`;
}
