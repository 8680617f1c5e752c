import { type Db, processDatabaseError } from "../db/index.ts";
import { type Clock, type Counters, type Logger, WakeUp } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { ActiveMailbox, type Verdict } from "./active-mailbox.ts";
import { defaultDispatcherOptions, type DispatcherOptions, tuning } from "./dispatcher-options.ts";
import { fetchMessages, runReadable, toFetchRequest } from "./fetch-messages.ts";
import { type Held, HeldMailboxes, toText } from "./held-mailboxes.ts";
import type { Runner } from "./runner.ts";
import { type OnSettled, tellSettled } from "./tell-settled.ts";
import { settleMailboxes } from "./settle-mailboxes.ts";
import { claimMailboxes, notifyWorkers } from "./store.ts";
import type { MailboxKey, Message, Settlement } from "./types.ts";

export interface DispatcherParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly runner: Runner;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly onSettled?: OnSettled;
  readonly options?: Partial<DispatcherOptions>;
}

/**
 * Works on due mailboxes until stopped. Two loops: one claims mailboxes and fetches messages, the other writes down how they ended and renews
 * leases. Both serve all mailboxes with one statement each time, so that their cost is shared. When the database is away they wait, with growing pauses.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #options: DispatcherOptions;
  readonly #held = new HeldMailboxes();
  readonly #toSettle = new Set<Held>();
  readonly #work: WakeUp;
  readonly #settle: WakeUp;
  #mayBeDue = true;
  #refetchAt = 0;
  #lookAgainAt = 0;
  #looking = false;
  #stopping = false;
  #stopped = false;
  #loops: Promise<void>[] = [];

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#options = { ...defaultDispatcherOptions, ...parts.options };
    this.#work = new WakeUp(parts.clock);
    this.#settle = new WakeUp(parts.clock);
  }

  start(): void {
    this.#looking = true;
    this.#loops = [this.#workLoop(), this.#settleLoop()];
  }

  /**
   * Mailboxes may have become due: call it after a commit. Cheap. Those it names and that are held here are fetched from; without names, or for others, the next
   * look is for due mailboxes.
   */
  wake(mailboxes?: readonly MailboxKey[]): void {
    if (mailboxes === undefined) this.#mayBeDue = true;
    for (const key of mailboxes ?? []) {
      const held = this.#held.get(key);
      // One that is being given back is due at once after that, because its row says that more has come.
      if (held === undefined || held.releasing) this.#mayBeDue = true;
      else this.#held.rouse(held);
    }
    this.#work.ring();
  }

  /** This process has committed messages to these mailboxes. Beyond `wake`, a worker of another process that holds one of them is told. */
  committed(mailboxes: readonly MailboxKey[]): void {
    this.#held.noteElsewhere(mailboxes);
    this.wake(mailboxes);
  }

  /** Messages in memory and mailboxes under lease now. */
  load(): { readonly mailboxes: number; readonly messages: number } {
    let messages = 0;
    for (const { mailbox } of this.#held.active) messages += mailbox.unfinished;
    return { mailboxes: this.#held.size, messages };
  }

  /**
   * Stops: nothing new begins, what runs may end within `graceMs`, the rest is suspended; then every mailbox is handed back.
   * Calling it twice is safe.
   */
  async stop(graceMs = 10_000): Promise<void> {
    this.#stopping = true;
    for (const held of this.#held.all) {
      held.mailbox.stopBeginning();
      this.#settleSoon(held);
    }
    this.#work.ring();
    const deadline = this.#parts.clock.now() + graceMs;
    // A claim may be under way: what it brings has to be given back as well.
    const isBusy = (): boolean => this.#looking || this.#held.size > 0;
    while (isBusy() && this.#parts.clock.now() < deadline) await this.#parts.clock.sleep(10);
    for (const held of this.#held.all) held.runner.revoke();
    const lastChance = this.#parts.clock.now() + 2_000;
    while (isBusy() && this.#parts.clock.now() < lastChance) await this.#parts.clock.sleep(10);
    this.#stopped = true;
    this.#settle.ring();
    this.#work.ring();
    await Promise.all(this.#loops);
  }

  async #workLoop(): Promise<void> {
    let failures = 0;
    while (!this.#stopping) {
      try {
        const worked = await this.#claim();
        const fetched = await this.#fetch();
        failures = 0;
        if (!worked && !fetched) await this.#work.sleep(this.#options.pollMs);
      } catch (error) {
        failures += 1;
        this.#mayBeDue = true;
        await this.#pause("looking for work", error, failures);
      }
    }
    this.#looking = false;
  }

  async #claim(): Promise<boolean> {
    const room = this.#options.maxMailboxes - this.#held.active.size;
    // By the clock, not when the loop has nothing else to do: a busy worker has to find what becomes due by time, too.
    const mayBeDue = this.#mayBeDue || this.#parts.clock.now() >= this.#lookAgainAt;
    if (!mayBeDue) return false;
    if (room <= 0 || this.#room() <= 0) return false;
    this.#mayBeDue = false;
    this.#lookAgainAt = this.#parts.clock.now() + this.#options.pollMs;
    const { leaseMs } = this.#options;
    const deadlineMs = this.#parts.clock.now() + leaseMs;
    const leases = await claimMailboxes(this.#parts.db, room, leaseMs);
    for (const lease of leases) {
      // Only when our own lease ran out unnoticed: what is held under the old token is over.
      this.#drop(this.#held.get(lease));
      const held = {
        mailbox: new ActiveMailbox(lease, deadlineMs),
        runner: this.#parts.runner.open(lease, deadlineMs),
        fetching: false,
        roused: false,
        idleSince: 0,
        overdue: false,
        releasing: false,
        turnEndedAt: undefined,
      };
      this.#held.add(held);
      if (this.#stopping) {
        held.mailbox.stopBeginning();
        this.#settleSoon(held);
      }
      if (lease.takenOver) this.#parts.counters.add("mailbox.taken-over");
    }
    if (leases.length === room) this.#mayBeDue = true;
    await this.#tellOthers();
    return leases.length > 0;
  }

  /** What could not be claimed is held by another worker, where it may linger; it would be looked at when that ends. */
  async #tellOthers(): Promise<void> {
    const elsewhere = this.#held.takeElsewhere();
    if (elsewhere.length > 0 && !this.#mayBeDue) await notifyWorkers(this.#parts.db, elsewhere);
  }

  async #fetch(): Promise<boolean> {
    this.#lookAgain();
    const hungry = [...this.#held.active].filter((held) => this.#wantsMore(held));
    const room = this.#room();
    if (hungry.length === 0 || room <= 0) return false;
    const share = Math.max(1, Math.min(tuning.fetchAtMost, Math.floor(room / hungry.length)));
    for (const held of hungry) Object.assign(held, { fetching: true, roused: false });
    try {
      const messages = await fetchMessages(
        this.#parts.db,
        this.#parts.cipher,
        hungry.map(({ mailbox: { lease, cursor } }) => toFetchRequest(lease, cursor, share)),
      );
      const byMailbox = Map.groupBy(messages, toText);
      for (const held of hungry) {
        for (const message of held.mailbox.accept(byMailbox.get(toText(held.mailbox.lease)) ?? [], share)) this.#begin(held, message);
      }
    } finally {
      for (const held of hungry) {
        held.fetching = false;
        if (held.roused) held.mailbox.drained = false;
        this.#goOn(held);
      }
    }
    return true;
  }

  #room(): number {
    return this.#options.maxMessages - this.load().messages;
  }

  #wantsMore(held: Held): boolean {
    const { mailbox } = held;
    if (held.releasing || mailbox.drained || mailbox.stopping || mailbox.unfinished >= tuning.fetchAtMost / 2) return false;
    if (mailbox.handled < this.#options.quantum) return true;
    // Its turn is over once what runs has ended. Should that take long, the others of this mailbox are not to wait for it.
    const now = this.#parts.clock.now();
    held.turnEndedAt ??= now;
    if (now - held.turnEndedAt < tuning.longestTurnEndMs) return false;
    held.turnEndedAt = undefined;
    mailbox.handled = 0;
    return true;
  }

  /** A message that runs for long keeps its mailbox here: what is committed or falls due meanwhile has to be looked for. */
  #lookAgain(): void {
    const now = this.#parts.clock.now();
    if (now < this.#refetchAt) return;
    this.#refetchAt = now + this.#options.pollMs;
    for (const { mailbox } of this.#held.active) mailbox.lookAgain();
  }

  #begin(held: Held, message: Message): void {
    // The lease may have been lost while a fetch or a settlement was under way.
    if (!this.#held.isHeld(held)) return;
    const end = (verdict: Verdict): void => {
      if (verdict.kind === "wait") this.#parts.counters.add("message.waited");
      held.mailbox.finish(message, verdict);
      this.#settleSoon(held);
      if (this.#wantsMore(held)) this.#work.ring();
    };
    runReadable(held.runner, message).then(end, (error: unknown) => {
      this.#parts.logger.error({ error, message: message.id }, "A runner rejected, which it must not; its mailbox waits a while.");
      end({ kind: "wait", waitMs: this.#options.leaseMs, why: "The runner failed; see the log.", begun: true });
    });
  }

  /** What is to be done with a mailbox in which something has ended. */
  #goOn(held: Held): void {
    if (!this.#held.isHeld(held)) return;
    if (held.mailbox.results === 0 && !this.#mayRelease(held)) return;
    if (held.mailbox.results === 0 && this.#mayLinger(held)) this.#held.linger(held, this.#parts.clock.now());
    else this.#settleSoon(held);
  }

  #mayLinger({ mailbox, overdue }: Held): boolean {
    if (overdue || mailbox.stopping || mailbox.blocked || !mailbox.drained || mailbox.handled >= this.#options.quantum) return false;
    return this.#options.lingerMs > 0 && this.#held.lingering < tuning.mostLingering;
  }

  #settleSoon(held: Held): void {
    this.#toSettle.add(held);
    this.#settle.ring();
  }

  #mayRelease({ mailbox, fetching }: Held): boolean {
    return !fetching && mailbox.idle && (mailbox.drained || mailbox.stopping || mailbox.handled >= this.#options.quantum);
  }

  async #settleLoop(): Promise<void> {
    let failures = 0;
    let renewAt = 0;
    while (!this.#stopped) {
      if (this.#parts.clock.now() >= renewAt) {
        renewAt = this.#parts.clock.now() + this.#options.leaseMs / 3;
        for (const held of this.#held.all) if (this.#isToExtend(held.mailbox)) this.#toSettle.add(held);
      }
      for (const held of this.#held.endLingering(this.#parts.clock.now(), this.#options.lingerMs)) this.#toSettle.add(held);
      const batch = [...this.#toSettle].filter((held) => this.#held.isHeld(held));
      this.#toSettle.clear();
      if (batch.length === 0) {
        if (await this.#settle.sleep(Math.max(1, Math.min(renewAt - this.#parts.clock.now(), this.#options.pollMs)))) await this.#gather();
        continue;
      }
      try {
        await this.#settleBatch(batch);
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#dropExpired();
        await this.#pause("writing results down", error, failures);
      }
    }
  }

  async #gather(): Promise<void> {
    let results = 0;
    for (const { mailbox } of this.#toSettle) results += mailbox.results;
    if (results < tuning.worthwhileResults && !this.#stopping) await this.#parts.clock.sleep(tuning.gatherMs);
  }

  async #settleBatch(batch: readonly Held[]): Promise<void> {
    const startedAt = this.#parts.clock.now();
    const settlements = batch.map((held) => this.#toSettlement(held));
    try {
      const { lost, due, kept } = await settleMailboxes(this.#parts.db, this.#parts.cipher, settlements, this.#options.leaseMs);
      const lostKeys = new Set(lost.map(toText));
      const tokens = new Map(kept.map((key) => [toText(key), key.token]));
      batch.forEach((held, index) => {
        const key = toText(held.mailbox.lease);
        this.#afterSettlement(held, settlements[index], lostKeys.has(key) ? "lost" : tokens.get(key), startedAt);
      });
      // Given back and due at once: more had come, or its turn was over.
      if (due.length > 0) this.wake();
    } catch (error) {
      for (const held of batch) {
        held.mailbox.unsettled();
        held.releasing = false;
      }
      if (processDatabaseError(error) === "unavailable") {
        for (const held of batch) this.#toSettle.add(held);
        throw error;
      }
      await this.#isolate(batch, error);
    }
  }

  #toSettlement(held: Held): Settlement {
    const { mailbox } = held;
    if (!this.#mayRelease(held) || this.#mayLinger(held)) return mailbox.toSettlement(this.#isToExtend(mailbox));
    held.releasing = true;
    const { waiting, drained, abandoned, handled } = mailbox;
    const more = !drained || abandoned || handled >= this.#options.quantum;
    return mailbox.toSettlement(false, waiting === undefined ? { more } : { more: true, ...waiting });
  }

  /** Renewed when a third of it is over: see `HandBackRow.extend`. */
  #isToExtend({ deadlineMs }: ActiveMailbox): boolean {
    return deadlineMs - this.#parts.clock.now() <= (this.#options.leaseMs * 2) / 3;
  }

  /** `token`: it was to be given back and is leased anew, under this one. */
  #afterSettlement(held: Held, settlement: Settlement | undefined, token: number | "lost" | undefined, startedAt: number): void {
    if (token === "lost") {
      this.#parts.counters.add("mailbox.lease-lost");
      this.#parts.logger.warn(
        { mailbox: toText(held.mailbox.lease) },
        "The lease had gone to another worker; nothing of this one's work was written down.",
      );
      this.#drop(held);
      return;
    }
    if (settlement !== undefined) tellSettled(this.#parts, held.mailbox.lease, settlement.results);
    const begin = held.mailbox.settled();
    if (!this.#held.isHeld(held)) return;
    if (settlement?.release !== undefined && token === undefined) {
      held.runner.close();
      this.#held.forget(held);
      return;
    }
    if (token !== undefined) {
      held.mailbox.lease = { ...held.mailbox.lease, token };
      held.releasing = false;
      this.#held.rouse(held);
    }
    if (settlement?.extend === true || token !== undefined) {
      held.mailbox.deadlineMs = startedAt + this.#options.leaseMs;
      held.runner.extend(held.mailbox.deadlineMs);
    }
    for (const message of begin) this.#begin(held, message);
    this.#goOn(held);
    if (this.#wantsMore(held)) this.#work.ring();
  }

  /** The database refused something in the batch: settle one by one, so that it costs only the mailbox it lies in. */
  async #isolate(batch: readonly Held[], error: unknown): Promise<void> {
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      this.#parts.logger.error(
        { error, mailbox: toText(only.mailbox.lease) },
        "The database refused results; the mailbox is tried again when its lease ends.",
      );
      this.#drop(only);
      return;
    }
    for (const held of batch) await this.#settleBatch([held]);
  }

  #dropExpired(): void {
    for (const held of this.#held.all) if (held.mailbox.deadlineMs <= this.#parts.clock.now()) this.#drop(held);
  }

  #drop(held: Held | undefined): void {
    if (held === undefined) return;
    held.runner.revoke();
    held.runner.close();
    this.#held.forget(held);
  }

  async #pause(doing: string, error: unknown, failures: number): Promise<void> {
    const pauseMs = Math.min(tuning.longestBackoffMs, 50 * 2 ** Math.min(failures, 10));
    this.#parts.logger.warn({ error, failures, pauseMs }, `The database did not answer while ${doing}; trying again.`);
    await this.#parts.clock.sleep(pauseMs);
  }
}
