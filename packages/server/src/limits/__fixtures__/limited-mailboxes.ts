import type { Demand, SharedBudget } from "@belay/sdk/http";
import { PermitHolder } from "../permit-holder.ts";
import type { Rows } from "./limited-worker.ts";
import type { StrictProvider } from "./strict-provider.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A connection whose mailbox never runs empty. */
export interface BusyConnection {
  readonly id: string;
  readonly budget: SharedBudget;
  readonly provider: StrictProvider;
}

export interface MailboxesParts {
  readonly time: VirtualTime;
  readonly rows: Rows;
  readonly random: () => number;
  readonly connections: readonly BusyConnection[];
  readonly workers: number;
  /** Messages of a mailbox that a worker begins at once. */
  readonly messages: number;
  /** By how much at most whatever is to happen then happens late, ms: a machine with more to do than it has processors. */
  readonly lateMs: number;
}

/** How often a worker looks for mailboxes whose time has come, ms. */
const pollMs = 250;
/** How long a call waits for room where it is made, ms. */
const longestWaitMs = 1_000;

interface Mailbox {
  readonly connection: BusyConnection;
  dueAt: number;
  leased: boolean;
}

/**
 * Mailboxes as the dispatcher treats them: one worker at a time begins some messages of each. Where one is told to come again later, nothing more begins; once what runs has ended the
 * mailbox waits for the first time that any of them was told, and whichever worker looks first goes on with it.
 */
export class LimitedMailboxes {
  readonly #parts: MailboxesParts;
  readonly #mailboxes: readonly Mailbox[];

  constructor(parts: MailboxesParts) {
    this.#parts = parts;
    this.#mailboxes = parts.connections.map((connection) => ({ connection, dueAt: 0, leased: false }));
  }

  start(): void {
    const { time, rows, random, workers, lateMs } = this.#parts;
    const way = (): number => 1 + random() * (3 + lateMs);
    for (let index = 0; index < workers; index += 1) {
      const holder = new PermitHolder({
        holder: `w${index}`,
        now: () => time.now(),
        elapsed: () => time.now(),
        timer: (ms, act) => time.plan(time.now() + ms + random() * lateMs, act),
        lease: (asks) =>
          new Promise((resolve) => {
            time.plan(time.now() + way(), () => {
              const answers = asks.map((ask) => rows.answer(ask));
              time.plan(time.now() + way(), () => resolve(answers));
            });
          }),
      });
      const look = (): void => {
        for (const mailbox of this.#mailboxes) if (!mailbox.leased && mailbox.dueAt <= time.now()) void this.#drain(holder, mailbox);
        time.plan(time.now() + pollMs, look);
      };
      time.plan(time.now() + random() * pollMs, look);
    }
  }

  async #drain(holder: PermitHolder, mailbox: Mailbox): Promise<void> {
    const { time, random, messages } = this.#parts;
    mailbox.leased = true;
    const told: number[] = [];
    const runs = Array.from({ length: messages }, async () => {
      await this.#sleep(random() * 20);
      while (told.length === 0) {
        const comeAgainAt = await this.#call(holder, mailbox.connection);
        if (comeAgainAt !== undefined) told.push(comeAgainAt);
      }
    });
    await Promise.all(runs);
    // It is written down that it waits.
    await this.#sleep(3 + random() * 10);
    mailbox.dueAt = Math.max(time.now(), Math.min(...told));
    mailbox.leased = false;
  }

  /** @returns when it is to be tried again; undefined when it was made. */
  async #call(holder: PermitHolder, { id, budget, provider }: BusyConnection): Promise<number | undefined> {
    const { time, random } = this.#parts;
    const giveUpAt = time.now() + longestWaitMs;
    const own = { key: `connection:${id}`, tenant: "t", limits: [] };
    const demand: Demand = { own, uses: [{ budget, costs: [1] }], lane: "event", giveUpAt };
    for (;;) {
      const grant = await holder.take(demand, time.now());
      if (grant.granted) {
        await this.#sleep(random() * 10);
        if (grant.permit.holds?.() === false) {
          grant.permit.end(false);
          continue;
        }
        provider.receive(time.now(), 1);
        await this.#sleep(20 + random() * 60);
        grant.permit.end(true);
        return undefined;
      }
      if (time.now() + grant.afterMs > giveUpAt) return time.now() + grant.afterMs;
      await this.#sleep(grant.afterMs);
    }
  }

  #sleep(ms: number): Promise<void> {
    const { time, random, lateMs } = this.#parts;
    return new Promise((resolve) => time.plan(time.now() + ms + random() * lateMs, resolve));
  }
}
