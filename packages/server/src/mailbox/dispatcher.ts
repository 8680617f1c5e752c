import { type Db, processDatabaseError } from "../db/index.ts";
import { type Clock, type Counters, type Logger, WakeUp } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { ActiveMailbox, type Verdict } from "./active-mailbox.ts";
import { defaultDispatcherOptions, type DispatcherOptions, tuning } from "./dispatcher-options.ts";
import { fetchMessages, runReadable, toFetchRequest } from "./fetch-messages.ts";
import { type Held, HeldMailboxes, hold, toText } from "./held-mailboxes.ts";
import type { Runner } from "./runner.ts";
import { type OnSettled, tellSettled } from "./tell-settled.ts";
import { settleMailboxes } from "./settle-mailboxes.ts";
import { defaultWeights, type Weights } from "./fair-share.ts";
import { pausedCode, type Pauses, reviewPauseMs } from "./pauses.ts";
import { notifyWorkers } from "./store.ts";
import { Turns } from "./take-turns.ts";
import type { MailboxKey, Message, Settlement } from "./types.ts";
import { wantsMore } from "./wants-more.ts";

export interface DispatcherParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly runner: Runner;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly onSettled?: OnSettled;
  /** Asked at every claim and fetch. Default: `defaultWeights`. */
  readonly weights?: () => Weights;
  /** Default: nothing is paused. After a change call `pausesChanged`. */
  readonly pauses?: Pauses;
  readonly options?: Partial<DispatcherOptions>;
}

/**
 * Works on due mailboxes until stopped. Two loops: one claims mailboxes and fetches messages, the other writes results down and renews leases. Both serve all mailboxes with one statement each time, so that their cost is shared. When the database is away they wait, with growing pauses.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #options: DispatcherOptions;
  readonly #held = new HeldMailboxes();
  readonly #turns: Turns;
  readonly #toSettle = new Set<Held>();
  readonly #work: WakeUp;
  readonly #settle: WakeUp;
  /** Some want messages and got none: for them there was no room. */
  #unserved = false;
  #refetchAt = 0;
  #looking = false;
  #stopping = false;
  #stopped = false;
  #loops: Promise<void>[] = [];

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#options = { ...defaultDispatcherOptions, ...parts.options };
    const { db, clock, weights = () => defaultWeights } = parts;
    this.#turns = new Turns({ db, clock, weights, options: this.#options });
    this.#work = new WakeUp(parts.clock);
    this.#settle = new WakeUp(parts.clock);
  }

  start(): void {
    [this.#looking, this.#loops] = [true, [this.#workLoop(), this.#settleLoop()]];
  }

  /**
   * Mailboxes may have become due: call it after a commit. Cheap. Those it names and that are held here are fetched from; without names, or for others, the next
   * look is for due mailboxes.
   */
  wake(mailboxes?: readonly MailboxKey[]): void {
    if (mailboxes === undefined) this.#turns.lookSoon();
    for (const key of mailboxes ?? []) {
      const held = this.#held.get(key);
      // One that is being given back is due at once after that, because its row says that more has come.
      if (held === undefined || held.releasing) this.#turns.lookSoon();
      else this.#held.rouse(held, this.#parts.clock.now());
    }
    this.#work.ring();
  }

  /** This process has committed messages to these mailboxes. Beyond `wake`, a worker of another process that holds one of them is told. */
  committed(mailboxes: readonly MailboxKey[]): void {
    this.#held.noteElsewhere(mailboxes);
    this.wake(mailboxes);
  }

  /** Something has been paused, or goes on. Mailboxes that are paused are given back; what runs in them may end. */
  pausesChanged(): void {
    for (const held of this.#held.all) this.#putDown(held);
    this.wake();
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
    for (const held of this.#held.all) this.#putDown(held);
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
        this.#turns.lookSoon();
        await this.#pause("looking for work", error, failures);
      }
    }
    this.#looking = false;
  }

  async #claim(): Promise<boolean> {
    if (this.#room() <= 0) return false;
    const deadlineMs = this.#parts.clock.now() + this.#options.leaseMs;
    const claimed = await this.#turns.claim(this.#held.active);
    if (claimed === undefined) return false;
    const { leases } = claimed;
    for (const lease of leases) {
      // Only when our own lease ran out unnoticed: what is held under the old token is over.
      this.#drop(this.#held.get(lease));
      const isPaused = (flow: string): boolean => this.#parts.pauses?.ofFlow(lease.tenant, flow) ?? false;
      const runner = this.#parts.runner.open(lease, deadlineMs);
      const held = hold(new ActiveMailbox(lease, deadlineMs, isPaused), runner, this.#parts.clock.now());
      this.#held.add(held);
      this.#putDown(held);
      if (lease.takenOver) this.#parts.counters.add("mailbox.taken-over");
    }
    await this.#tellOthers();
    return leases.length > 0;
  }

  /** What could not be claimed is held by another worker, where it may linger; it would be looked at when that ends. */
  async #tellOthers(): Promise<void> {
    const elsewhere = this.#held.takeElsewhere();
    if (elsewhere.length > 0 && !this.#turns.mayBeDue) await notifyWorkers(this.#parts.db, elsewhere);
  }

  async #fetch(): Promise<boolean> {
    this.#lookAgain();
    const wanting = [...this.#held.active].filter((held) => this.#wantsMore(held));
    if (wanting.length === 0) return false;
    const { shares, unserved } = this.#turns.share(this.#held.active, wanting);
    const hungry = [...shares.keys()];
    this.#unserved = unserved;
    if (hungry.length === 0) return false;
    for (const held of hungry) Object.assign(held, { fetching: true, roused: false });
    try {
      const messages = await fetchMessages(
        this.#parts.db,
        this.#parts.cipher,
        hungry.map((held) => toFetchRequest(held.mailbox.lease, held.mailbox.cursor, shares.get(held) ?? 0)),
      );
      const byMailbox = Map.groupBy(messages, toText);
      for (const held of hungry) {
        const fetched = byMailbox.get(toText(held.mailbox.lease)) ?? [];
        for (const message of held.mailbox.accept(fetched, shares.get(held) ?? 0)) this.#begin(held, message);
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

  /** Gives a mailbox back that is paused, or any when this worker stops. */
  #putDown(held: Held): void {
    const isPaused = this.#parts.pauses?.ofMailbox(held.mailbox.lease) === true;
    if (!isPaused && !this.#stopping) return;
    const untilMs = this.#parts.clock.now() + reviewPauseMs;
    held.mailbox.stopBeginning(isPaused ? { untilMs, why: pausedCode } : undefined);
    this.#settleSoon(held);
  }

  #room(): number {
    return this.#options.maxMessages - this.load().messages;
  }

  #wantsMore(held: Held): boolean {
    const { crowded } = this.#turns;
    const wants = wantsMore(held, { now: this.#parts.clock.now(), quantum: this.#options.quantum, unserved: this.#unserved, crowded });
    // Nothing of it will end that would give it back.
    if (wants === "over" && !held.fetching) this.#settleSoon(held);
    return wants === "yes";
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
      held.mailbox.finish(message, verdict, this.#parts.clock.now());
      this.#settleSoon(held);
      if (this.#unserved || this.#wantsMore(held)) this.#work.ring();
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
    if (waiting === undefined) return mailbox.toSettlement(false, { more });
    return mailbox.toSettlement(false, { more: true, waitMs: waiting.untilMs - this.#parts.clock.now(), why: waiting.why });
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
    held.pace.ended(settlement?.results.length ?? 0, startedAt);
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
      this.#held.rouse(held, startedAt);
    }
    if (settlement?.extend === true || token !== undefined) {
      held.mailbox.deadlineMs = startedAt + this.#options.leaseMs;
      held.runner.extend(held.mailbox.deadlineMs, held.mailbox.lease.token);
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
