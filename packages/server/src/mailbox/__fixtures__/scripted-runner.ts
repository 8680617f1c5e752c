import type { Verdict } from "../active-mailbox.ts";
import type { LeasedRunner, Runner } from "../runner.ts";
import type { Lease, Message } from "../types.ts";

/** Decides how an attempt ends; an unsettled promise is an attempt that goes on until it is revoked. */
export type Script = (message: Message, lease: Lease) => Verdict | Promise<Verdict>;

/** Runs messages by a script, and notes what was begun under which lease. */
export class ScriptedRunner implements Runner {
  readonly begun: { readonly message: Message; readonly lease: Lease }[] = [];
  /** Attempts that were begun under a lease after it had been closed: there must be none. */
  readonly tooLate: Message[] = [];
  readonly closed: Lease[] = [];
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  open(opened: Lease): LeasedRunner {
    let lease = opened;
    const revoked = Promise.withResolvers<Verdict>();
    let isClosed = false;
    return {
      run: async (message) => {
        if (isClosed) this.tooLate.push(message);
        this.begun.push({ message, lease });
        return await Promise.race([this.#script(message, lease), revoked.promise]);
      },
      extend: (_deadlineMs, token) => {
        lease = { ...lease, token };
      },
      revoke: () => revoked.resolve({ kind: "suspended" }),
      close: () => {
        isClosed = true;
        this.closed.push(lease);
      },
    };
  }
}

export const forever = new Promise<never>(() => {});

/** Asks again until the answer is yes; each question should be one to the database. */
export async function until(question: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await question())) {
    if (performance.now() > deadline) throw new Error(`did not come about: ${String(question)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
