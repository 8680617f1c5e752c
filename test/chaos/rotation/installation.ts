import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const cli = new URL("../../../packages/cli/src/main.ts", import.meta.url).pathname;
const config = new URL("belay.config.ts", import.meta.url).pathname;
const longestStartMs = 120_000;
const longestDrainMs = 15_000;

type Environment = Readonly<Record<string, string>>;

/** One `belay start`. */
interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  inFlight: number;
}

/** A place for one process after another, as an orchestrator has them. */
interface Place {
  readonly name: string;
  readonly roles: string;
  running: Running | undefined;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Processes of `belay start` behind what balances load among them, and the commands that a person would type. */
export class Installation implements AsyncDisposable {
  readonly #folder: string;
  readonly #places: readonly Place[];
  readonly #common: Environment;
  /** Variables that are secrets, as they are now; `roll` brings them to the processes. */
  readonly secrets: Record<string, string>;
  readonly #all = new Set<ChildProcess>();
  #turn = 0;
  starts = 0;

  constructor(folder: string, roles: readonly string[], common: Environment, secrets: Record<string, string>) {
    this.#folder = folder;
    this.#common = common;
    this.secrets = secrets;
    this.#places = roles.map((each, index) => ({ name: `${index + 1}-${each.replaceAll(",", "-")}`, roles: each, running: undefined }));
  }

  /** Starts everywhere; then a rolling restart, under which something answers all the time. */
  async roll(): Promise<void> {
    const [web, workers] = [this.#places.filter(isWeb), this.#places.filter((place) => !isWeb(place))];
    const oneByOne = async (places: readonly Place[]): Promise<void> => {
      for (const place of places) await this.#replace(place);
    };
    await Promise.all([oneByOne(web), oneByOne(workers)]);
  }

  /** As a request of the outside: to one of those that are at work, in turn. @throws what the network throws, and after 20 s. */
  async send(path: string, init: RequestInit = {}): Promise<Response> {
    const web = this.#places.filter(isWeb).flatMap(({ running }) => (running === undefined ? [] : [running]));
    const running = web[(this.#turn += 1) % web.length];
    if (running === undefined) throw new Error("No process is at work.");
    running.inFlight += 1;
    try {
      const response = await fetch(running.url + path, { redirect: "manual", signal: AbortSignal.timeout(20_000), ...init });
      const body = await response.arrayBuffer();
      return new Response([204, 304].includes(response.status) ? null : body, response);
    } finally {
      running.inFlight -= 1;
    }
  }

  /** The URL of a process for commands that ask one. */
  get url(): string {
    const running = this.#places.find((place) => isWeb(place) && place.running !== undefined)?.running;
    if (running === undefined) throw new Error("No process is at work.");
    return running.url;
  }

  /** Runs a command as a person would. @param kill SIGKILLs it when it resolves. */
  async command(
    args: readonly string[],
    { input = "", kill }: { readonly input?: string; readonly kill?: Promise<void> } = {},
  ): Promise<Ended> {
    const child = this.#spawn(args, { BELAY_URL: this.#places.some(({ running }) => running !== undefined) ? this.url : "" });
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => out.push(text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => err.push(text));
    child.stdin?.end(input);
    const ended = once(child, "close");
    void kill?.then(() => child.kill("SIGKILL"));
    await ended;
    return { code: child.exitCode, stdout: out.join(""), stderr: err.join("") };
  }

  /** Ends a worker as a machine that fails does, and starts another. @returns false where no process is a worker only. */
  async killWorker(): Promise<boolean> {
    const place = this.#places.findLast((each) => !isWeb(each));
    if (place?.running === undefined) return false;
    const ended = once(place.running.child, "exit");
    place.running.child.kill("SIGKILL");
    await ended;
    place.running = await this.#start(place);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#all) child.kill("SIGKILL");
    await Promise.all(
      [...this.#all].map(async (child) => {
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }),
    );
  }

  async #replace(place: Place): Promise<void> {
    const old = place.running;
    place.running = await this.#start(place);
    if (old === undefined) return;
    // Out of the rotation now: what is under way may end, as a load balancer lets it.
    for (const giveUpAt = Date.now() + longestDrainMs; old.inFlight > 0 && Date.now() < giveUpAt;) await pause(10);
    const ended = once(old.child, "exit");
    old.child.kill("SIGTERM");
    await ended;
  }

  async #start(place: Place): Promise<Running> {
    this.starts += 1;
    const child = this.#spawn(["start", "--config", config, "--port", "0", "--roles", place.roles, "--grace", "10"], {});
    const log = createWriteStream(join(this.#folder, `${place.name}.log`), { flags: "a" });
    child.stderr?.pipe(log);
    child.stdout?.pipe(log, { end: false });
    const url = await new Promise<string>((resolve, reject) => {
      const tooLate = setTimeout(() => reject(new Error(`${place.name} did not start in time.`)), longestStartMs);
      const last: string[] = [];
      if (child.stderr)
        createInterface({ input: child.stderr }).on("line", (line) => {
          last.push(line);
          if (line.includes('"Belay runs."')) resolve(readUrl(line));
        });
      child.once("exit", (code, signal) =>
        reject(new Error(`${place.name} did not start (${signal ?? code}): ${last.at(-1) ?? "it said nothing"}`)),
      );
      child.once("exit", () => clearTimeout(tooLate));
      void once(child, "exit");
    });
    return { child, url, inFlight: 0 };
  }

  #spawn(args: readonly string[], more: Environment): ChildProcess {
    const environment = {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      ...this.#common,
      ...this.secrets,
      ...more,
      NODE_COMPILE_CACHE: join(this.#folder, "compiled"),
    };
    const child = spawn(process.execPath, [cli, ...args], { env: environment, cwd: this.#folder, stdio: ["pipe", "pipe", "pipe"] });
    this.#all.add(child);
    child.once("exit", () => this.#all.delete(child));
    return child;
  }
}

function isWeb({ roles }: Place): boolean {
  return roles.includes("web");
}

function readUrl(line: string): string {
  const { url } = JSON.parse(line) as { url?: unknown };
  return typeof url === "string" ? url : "";
}
