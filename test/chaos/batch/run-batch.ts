import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createBelayClient } from "@belay/sdk/client";
import pg from "pg";
import type { Effect } from "../crash/check-history.ts";
import { Child } from "../crash/child.ts";
import { createRandom } from "../crash/random.ts";

export interface BatchOptions {
  readonly seed: number;
  /** `numbers`: a function reads it. `listed`: a provider lists it. */
  readonly batch: "numbers" | "listed";
  readonly items: number;
  readonly kills: number;
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (status: string) => void;
}

export interface BatchReport {
  readonly figures: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  readonly keptAt: string | undefined;
}

const temporary = new URL("../../../.tmp/", import.meta.url).pathname;
const tenant = "t0";
const pageSize = 500;
const answerMs = 1;
const lookMs = 100;
const longestMs = 900_000;
/** Without a single item for so long it stands still; a lease that nobody gave back is over long before. */
const standstillMs = 60_000;

/** Runs one batch to its end while its only process is killed again and again, and asks the target and the database what became of the items. */
export async function runBatch(options: BatchOptions): Promise<BatchReport> {
  const folder = join(temporary, `chaos-batch-${options.batch}-${options.seed}-${Date.now()}`);
  mkdirSync(folder, { recursive: true });
  await using ends = new AsyncDisposableStack();
  try {
    const { figures, violations } = await new BatchRun(options, folder, ends).run();
    const keptAt = violations.length > 0 || options.keep ? folder : undefined;
    if (keptAt === undefined) ends.defer(async () => rmSync(folder, { recursive: true, force: true }));
    return { figures, violations, keptAt };
  } catch (error) {
    return { figures: {}, violations: [`The run broke off: ${error instanceof Error ? error.message : String(error)}`], keptAt: folder };
  }
}

class BatchRun {
  readonly #options: BatchOptions;
  readonly #folder: string;
  readonly #ends: AsyncDisposableStack;
  readonly #effects: Effect[] = [];
  #environment: Readonly<Record<string, string>> = {};
  #targetUrl = "";

  constructor(options: BatchOptions, folder: string, ends: AsyncDisposableStack) {
    this.#options = options;
    this.#folder = folder;
    this.#ends = ends;
  }

  async run(): Promise<Pick<BatchReport, "figures" | "violations">> {
    const { seed, items, kills } = this.#options;
    const postgres = this.#child("postgres-process.ts", {});
    const target = this.#child("target-process.ts", {
      CHAOS_SEED: String(seed),
      CHAOS_CALM_MS: String(answerMs),
      CHAOS_LISTED: String(items),
    });
    const [databaseUrl, targetUrl] = await Promise.all([postgres.ready, target.ready]);
    this.#targetUrl = targetUrl;
    this.#environment = {
      CHAOS_DATABASE: databaseUrl,
      CHAOS_TARGET: targetUrl,
      CHAOS_TENANTS: "1",
      CHAOS_LEASE_MS: "2000",
      CHAOS_MAX_MAILBOXES: "8",
      CHAOS_ROLES: "ingest,web,worker",
      CHAOS_PORT: "0",
    };
    let belay = this.#child("belay-process.ts", this.#environment);
    const id = await startRun(await belay.ready, this.#options.batch, { items, pageSize });
    const startedAt = performance.now();
    const random = createRandom(seed);
    // Anywhere in its part of the work, the first pages and the last ones among it.
    const killAt = Array.from({ length: kills }, (_, index) => Math.floor(((index + random()) * items) / kills));
    let killed = 0;
    for (const at of killAt) {
      await this.#until(() => this.#effects.length >= at);
      belay.signal("SIGKILL");
      await belay.exited();
      killed += 1;
      belay = this.#child("belay-process.ts", this.#environment);
      await belay.ready;
    }
    const etas: (number | null)[] = [];
    await this.#until(async () => {
      const [run] = await createBelayClient({ url: await belay.ready, token: "chaos-chaos-chaos" }).batches.runs({ tenant });
      etas.push(run?.etaSeconds ?? null);
      return run?.state === "finished";
    });
    await this.#look();
    const seconds = (performance.now() - startedAt) / 1_000;
    const messages = await countMessages(databaseUrl, id);
    return this.#judge({ killed, seconds, messages, etaShown: etas.some((eta) => eta !== null) });
  }

  #judge(seen: { killed: number; seconds: number; messages: Messages; etaShown: boolean }): Pick<BatchReport, "figures" | "violations"> {
    const { items, kills } = this.#options;
    const keys = new Set(this.#effects.map(({ key }) => key));
    const lost = items - keys.size;
    // The target knows keys of requests: an item that became two messages is told by the database only.
    const doubled = this.#effects.length - keys.size + (seen.messages.all - seen.messages.distinct);
    const figures = {
      items,
      lost,
      doubled,
      kills: seen.killed,
      messages: seen.messages.distinct,
      seconds: Math.round(seen.seconds),
      itemsPerSecond: Math.round(items / seen.seconds),
    };
    const violations = [
      ...(lost === 0 ? [] : [`${lost} items never came to the target.`]),
      ...(doubled === 0 ? [] : [`${doubled} items came more than once.`]),
      ...(seen.messages.distinct === items ? [] : [`${items} items became ${seen.messages.distinct} messages.`]),
      ...(seen.killed === kills ? [] : [`The process was killed ${seen.killed} times and not ${kills}.`]),
      ...(seen.etaShown ? [] : ["It was never said when it would be done."]),
    ];
    return { figures, violations };
  }

  async #until(isThere: () => boolean | Promise<boolean>): Promise<void> {
    const { signal, onProgress, items } = this.#options;
    const giveUpAt = Date.now() + longestMs;
    let [before, movedAt] = [this.#effects.length, Date.now()];
    while (!(await isThere())) {
      if (signal.aborted) throw new Error("interrupted");
      if (this.#effects.length > before) [before, movedAt] = [this.#effects.length, Date.now()];
      if (Date.now() > giveUpAt || Date.now() - movedAt > standstillMs)
        throw new Error(`nothing moves at ${this.#effects.length} of ${items}`);
      await pause(lookMs);
      await this.#look();
      onProgress(`${this.#effects.length} of ${items}`);
    }
  }

  async #look(): Promise<void> {
    const answer = await fetch(`${this.#targetUrl}/effects?from=${this.#effects.length}`);
    for (const effect of (await answer.json()) as Effect[]) this.#effects.push(effect);
  }

  #child(entry: string, environment: Readonly<Record<string, string>>): Child {
    const child = new Child({ entry, environment, injected: false, log: join(this.#folder, `${entry.replace(/\.ts$/, "")}.log`) });
    this.#ends.defer(async () => await child.stop());
    return child;
  }
}

async function startRun(url: string, batch: string, input: { readonly items: number; readonly pageSize: number }): Promise<string> {
  return await createBelayClient({ url, token: "chaos-chaos-chaos" }).batches.start(batch, { tenant, input });
}

interface Messages {
  readonly all: number;
  readonly distinct: number;
}

/** Those of items, wherever they are by now. */
async function countMessages(url: string, run: string): Promise<Messages> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Messages>(
      `select count(*)::integer as all, count(distinct event_key)::integer as distinct from (
         select event_key from belay.message where event_type = 'batch.item' and starts_with(event_key, $1)
         union all select event_key from belay.history where event_type = 'batch.item' and starts_with(event_key, $1)
         union all select event_key from belay.dead_letter where event_type = 'batch.item' and starts_with(event_key, $1)) found`,
      [`${run}/`],
    );
    return rows[0] ?? { all: 0, distinct: 0 };
  } finally {
    await client.end();
  }
}
