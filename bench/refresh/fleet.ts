import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { ProcessSetting } from "./setting.ts";

interface Member {
  readonly child: ChildProcess;
  readonly owner: string;
}

/** A renewal that was under way in a process when it was killed. */
export interface Interrupted {
  readonly connection: string;
  readonly version: number;
}

/** The processes of the benchmark, of which one after the other is killed in the middle of its work. */
export class Fleet implements AsyncDisposable {
  readonly #setting: Omit<ProcessSetting, "owner" | "ahead">;
  readonly #leasedBy: (owner: string) => Promise<readonly Interrupted[]>;
  #members: Member[] = [];
  readonly interrupted: Interrupted[] = [];
  kills = 0;

  /** @param leasedBy Renewals whose lease a process holds. */
  constructor(setting: Omit<ProcessSetting, "owner" | "ahead">, leasedBy: (owner: string) => Promise<readonly Interrupted[]>) {
    this.#setting = setting;
    this.#leasedBy = leasedBy;
  }

  async grow(count: number, ahead: boolean): Promise<void> {
    this.#members.push(...(await Promise.all(Array.from({ length: count }, () => this.#start(ahead)))));
  }

  /** Kills the nth process, which has no time to say anything, and starts another in its place. */
  async replace(index: number, ahead: boolean): Promise<void> {
    const place = index % this.#members.length;
    const member = this.#members[place];
    if (member === undefined) return;
    await this.#end(member, "SIGKILL");
    this.kills += 1;
    this.interrupted.push(...(await this.#leasedBy(member.owner)));
    this.#members[place] = await this.#start(ahead);
  }

  /** Lets all processes end what they have begun. @returns what they have counted. */
  async stop(): Promise<{ readonly given: number; readonly waits: number; readonly longestWaitMs: number }[]> {
    return await Promise.all(
      this.#members.map(async ({ child }) => {
        const answer = once(child, "message", { signal: AbortSignal.timeout(30_000) });
        child.send({});
        const [counts] = (await answer) as [{ given: number; waits: number; longestWaitMs: number }];
        return counts;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#end(member, "SIGKILL")));
    this.#members = [];
  }

  async #start(ahead: boolean): Promise<Member> {
    const owner = randomUUID();
    const setting: ProcessSetting = { ...this.#setting, owner, ahead };
    const child = fork(new URL("process.ts", import.meta.url), [JSON.stringify(setting)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    await once(child, "message", { signal: AbortSignal.timeout(60_000) });
    return { child, owner };
  }

  async #end({ child }: Member, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
