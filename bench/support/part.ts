import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** A process of a benchmark: it says something once it is ready, answers each question with one message, and ends when its channel closes. */
export interface Part<Ready> extends AsyncDisposable {
  readonly ready: Ready;
  ask<Answer>(question: object): Promise<Answer>;
  /** Sends it a signal, as an operator or the kernel would. */
  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
  /** Resident memory now, MB. */
  rssMb(): number;
  /** CPU time of all its threads since its start, ms; the kernel counts in steps of ten. */
  cpuMs(): number;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

const longestStartMs = 60_000;
/** Longer than the longest run of any benchmark. */
const longestAnswerMs = 1_800_000;
const longestStopMs = 15_000;
/** Linux tells processes of time in hundredths of a second, whatever the kernel counts in. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const msPerTick = 10;

/** Starts a part. @throws when it ends before it is ready. */
export async function startPart<Ready>(file: URL, args: readonly string[] = [], nodeOptions: readonly string[] = []): Promise<Part<Ready>> {
  const child = fork(file, args, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [...nodeOptions] });
  const ready = await answerOf<Ready>(child, file, longestStartMs);
  return {
    ready,
    ask: async (question) => {
      const answer = answerOf(child, file, longestAnswerMs);
      child.send(question);
      return (await answer) as never;
    },
    signal: (name) => void child.kill(name),
    rssMb: () => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1_024),
    cpuMs: () => {
      const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
      // Behind the name, which may hold anything, come the fields from the third on: the twelfth and thirteenth of them are user and system time.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) * msPerTick;
    },
    kill: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      const tooLong = setTimeout(() => child.kill("SIGKILL"), longestStopMs);
      child.disconnect();
      await ended;
      clearTimeout(tooLong);
    },
  };
}

async function answerOf<Answer>(child: ChildProcess, file: URL, withinMs: number): Promise<Answer> {
  const over = new AbortController();
  try {
    const ended = once(child, "exit", { signal: over.signal }).then((): never => {
      throw new Error(`${file.pathname} ended before it answered.`);
    });
    const late = AbortSignal.any([over.signal, AbortSignal.timeout(withinMs)]);
    const answered = once(child, "message", { signal: late });
    ended.catch(() => {});
    answered.catch(() => {});
    const [answer] = (await Promise.race([answered, ended])) as [Answer | { error: string }];
    if (typeof answer === "object" && answer !== null && "error" in answer) throw new Error(answer.error);
    return answer;
  } finally {
    over.abort();
  }
}
