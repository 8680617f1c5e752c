import fc from "fast-check";
import { expect, test } from "vitest";
import { Disk } from "./__fixtures__/disk.ts";
import { ActiveMailbox, type Verdict } from "./active-mailbox.ts";
import type { Message, Settlement } from "./types.ts";

/*
 * What holds, whatever is accepted, finished, written down, refused or lost in whatever order:
 *
 * 1. Of one order key never two messages run at once.
 * 2. A message begins only when every earlier one of its order key has ended on disk.
 * 3. The head on disk never passes a message that is neither ended nor parked.
 * 4. A parked message always has a block.
 * 5. A message that was begun and did not end is suspect, or counted as an attempt, when it begins again.
 * 6. An older version never begins after a newer one was delivered.
 * 7. Nothing is lost: when the lease's work is taken up by others, everything ends, and once.
 */

function checkDisk({ rows, head, blocks }: Disk): void {
  for (const row of rows) {
    if (row.state === "fresh") expect(row.id, "3. the head passed an unfinished message").toBeGreaterThan(head);
    if (row.state === "parked") expect(blocks.has(row.orderKey), "4. a parked message has no block").toBe(true);
  }
}

/** A worker with one mailbox; fetches and settlements are asked for and answered apart, as a real database does. */
class Worker {
  readonly disk: Disk;
  mailbox: ActiveMailbox;
  running: Message[] = [];
  fetched: Message[] | undefined;
  settling: { readonly settlement: Settlement; readonly release: boolean } | undefined;

  constructor(disk: Disk) {
    this.disk = disk;
    this.mailbox = new ActiveMailbox(disk.claim(false), 0);
  }

  begin(messages: readonly Message[]): void {
    for (const message of messages) {
      const { orderKey, id, version } = message;
      const row = this.disk.row(id);
      expect(
        this.running.map((other) => other.orderKey),
        "1. two of one order key run at once",
      ).not.toContain(orderKey);
      const earlier = this.disk.rows.filter((other) => other.orderKey === orderKey && other.id < id && other.state !== "ended");
      expect(earlier, "2. an earlier message of the order key has not ended").toEqual([]);
      if (row.begun) expect(message.suspect || message.attempts > 0, "5. begun before and not suspect").toBe(true);
      if (version !== null) expect(version, "6. an older version begins").toBeGreaterThanOrEqual(this.disk.versions.get(orderKey) ?? -1);
      expect(row.state).not.toBe("ended");
      row.begun = true;
      this.running.push(message);
    }
  }

  startFetch(limit: number): void {
    if (this.fetched !== undefined || this.mailbox.drained || this.mailbox.stopping || this.settling?.release === true) return;
    this.fetched = this.disk.fetch(this.mailbox.cursor, limit);
    this.#limit = limit;
  }
  #limit = 0;

  endFetch(): void {
    if (this.fetched === undefined) return;
    this.begin(this.mailbox.accept(this.fetched, this.#limit));
    this.fetched = undefined;
  }

  finish(pick: number, verdict: Verdict): void {
    const [message] = this.running.splice(pick % Math.max(1, this.running.length), 1);
    if (message === undefined) return;
    // It says that nothing was attempted.
    if (verdict.kind === "wait" && !verdict.begun) this.disk.row(message.id).begun = message.suspect;
    this.mailbox.finish(message, verdict, 0);
  }

  startSettle(): void {
    if (this.settling !== undefined) return;
    const release = this.fetched === undefined && this.mailbox.idle && (this.mailbox.drained || this.mailbox.stopping);
    this.settling = { release, settlement: this.mailbox.toSettlement(true, release ? { more: false } : undefined) };
  }

  endSettle(answer: "written" | "failed" | "written, answer lost"): void {
    if (this.settling === undefined) return;
    const { settlement, release } = this.settling;
    this.settling = undefined;
    if (answer !== "failed") this.disk.settle(settlement);
    checkDisk(this.disk);
    if (answer !== "written") {
      this.mailbox.unsettled();
      // A release whose answer was lost: the next settlement finds the lease gone, and the worker drops the mailbox.
      if (release && answer !== "failed") this.#claimAgain(false);
      return;
    }
    const begin = this.mailbox.settled();
    if (release) {
      expect(begin, "nothing begins when a mailbox is given back").toEqual([]);
      this.#claimAgain(false);
    } else this.begin(begin);
  }

  stop(): void {
    this.mailbox.stopBeginning();
  }

  /** The process ends, or the lease goes to another one. What had been asked of the database may still be done or not. */
  crash(written: boolean): void {
    if (this.settling !== undefined && written) this.disk.settle(this.settling.settlement);
    checkDisk(this.disk);
    this.#claimAgain(this.settling?.release !== true || !written);
  }

  #claimAgain(takenOver: boolean): void {
    this.mailbox = new ActiveMailbox(this.disk.claim(takenOver), 0);
    this.running = [];
    this.fetched = undefined;
    this.settling = undefined;
  }

  /** Works like one whose every attempt succeeds, until nothing is left. */
  finishEverything(): void {
    for (let round = 0; round < 2_000 && this.disk.rows.some(({ state }) => state !== "ended"); round += 1) {
      for (const block of this.disk.blocks.values()) block.due = true;
      this.startFetch(5);
      this.endFetch();
      while (this.running.length > 0) this.finish(0, { kind: "delivered", stepped: false });
      this.startSettle();
      this.endSettle("written");
    }
    expect(
      this.disk.rows.filter(({ state }) => state !== "ended"),
      "7. lost",
    ).toEqual([]);
    expect(this.disk.blocks.size).toBe(0);
  }
}

const verdicts: readonly Verdict[] = [
  { kind: "delivered", stepped: false },
  { kind: "delivered", stepped: true },
  { kind: "retry", afterMs: 1, code: "C", error: "e" },
  { kind: "retry", afterMs: 1, code: "C", error: "e", outage: true },
  { kind: "dead", code: "C", error: "e" },
  { kind: "wait", waitMs: 5, why: "W", begun: false },
  { kind: "wait", waitMs: 5, why: "W", begun: true },
  { kind: "wait", waitMs: 5, why: "W", begun: false, outage: true },
  { kind: "suspended" },
];

type Operation = (worker: Worker) => void;

const named = (name: string, operation: Operation): Operation => Object.assign(operation, { [fc.toStringMethod]: () => name });
/** Delivered and retry come often, what stops the mailbox seldom. */
const verdict = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...verdicts.slice(0, 4)) },
  { weight: 1, arbitrary: fc.constantFrom(...verdicts.slice(4)) },
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom("a", "b", "c"), fc.option(fc.nat(4)))
      .map(([key, version]) => named(`commit ${key} ${version}`, ({ disk }) => disk.commit(key, version))),
  },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 6 }).map((limit) => named(`fetch ${limit}`, (worker) => worker.startFetch(limit))) },
  { weight: 4, arbitrary: fc.constant(named("fetched", (worker) => worker.endFetch())) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.nat(5), verdict)
      .map(([pick, end]) => named(`finish ${pick} ${JSON.stringify(end)}`, (worker) => worker.finish(pick, end))),
  },
  { weight: 5, arbitrary: fc.constant(named("settle", (worker) => worker.startSettle())) },
  { weight: 5, arbitrary: fc.constant(named("settled", (worker) => worker.endSettle("written"))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("failed", "written, answer lost").map((answer) => named(answer, (worker) => worker.endSettle(answer))),
  },
  {
    weight: 2,
    arbitrary: fc.constant(named("blocks are due", ({ disk }) => disk.blocks.forEach((block) => Object.assign(block, { due: true })))),
  },
  { weight: 1, arbitrary: fc.boolean().map((written) => named(`crash, written: ${written}`, (worker) => worker.crash(written))) },
  { weight: 1, arbitrary: fc.constant(named("stop", (worker) => worker.stop())) },
);

test("a mailbox in memory keeps order, loses nothing and begins nothing twice unawares, whatever happens in whatever order", () => {
  fc.assert(
    fc.property(fc.array(operation, { minLength: 10, maxLength: 120, size: "max" }), (operations) => {
      const worker = new Worker(new Disk());
      for (const operate of operations) {
        operate(worker);
        checkDisk(worker.disk);
      }
      worker.crash(false);
      worker.finishEverything();
    }),
    { numRuns: 1_000 },
  );
});
