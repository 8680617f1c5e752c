import { join } from "node:path";
import { Child } from "../crash/child.ts";

export interface CrewOptions {
  /** What every process of Belay under the harness is told. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logs: string;
  /** A worker ended that nobody had ended. */
  readonly onSurprise: (what: string) => void;
}

interface Hand {
  readonly name: string;
  readonly child: Child;
  /** Its end is no surprise. */
  dismissed: boolean;
  frozen: boolean;
}

/** The workers, which come and go. Nobody takes the place of one that has gone. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #hands: Hand[] = [];
  #hired = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Those that can do something. */
  get size(): number {
    return this.#hands.filter(({ dismissed, frozen }) => !dismissed && !frozen).length;
  }

  /** Starts one more; resolves when it is at work. */
  async add(): Promise<void> {
    const { environment, logs, onSurprise } = this.#options;
    const name = `worker-${(this.#hired += 1)}`;
    const child = new Child({
      entry: "belay-process.ts",
      injected: true,
      log: join(logs, `${name}.log`),
      environment: { ...environment, CHAOS_ROLES: "worker", CHAOS_PORT: "0" },
    });
    const hand: Hand = { name, child, dismissed: false, frozen: false };
    this.#hands.push(hand);
    child.exited().then(
      () => hand.dismissed || onSurprise(`${name} ended by itself (${child.end}), see its log`),
      () => {},
    );
    await child.ready;
  }

  /** SIGKILL: what it held is nobody's until its leases run out. */
  kill(): void {
    const hand = this.#longestServing();
    hand.dismissed = true;
    hand.child.signal("SIGKILL");
  }

  /** SIGSTOP: to the others it is as good as dead, and it does not know. */
  freeze(): void {
    const hand = this.#longestServing();
    hand.frozen = true;
    hand.child.signal("SIGSTOP");
  }

  /** SIGCONT: it goes on with what others have finished meanwhile. */
  thaw(): void {
    for (const hand of this.#hands.filter(({ frozen }) => frozen)) {
      hand.frozen = false;
      hand.child.signal("SIGCONT");
    }
  }

  /** SIGTERM, as a rolling release sends it. Resolves when it has gone: with how it ended. */
  async retire(): Promise<string> {
    const hand = this.#longestServing();
    hand.dismissed = true;
    hand.child.signal("SIGTERM");
    await hand.child.exited();
    return hand.child.end;
  }

  async close(): Promise<void> {
    for (const hand of this.#hands) hand.dismissed = true;
    await Promise.all(this.#hands.map(({ child }) => child.stop()));
  }

  #longestServing(): Hand {
    const hand = this.#hands.find(({ dismissed, frozen }) => !dismissed && !frozen);
    if (hand === undefined) throw new Error("No worker is left.");
    return hand;
  }
}
