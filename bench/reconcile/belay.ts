/* Belay in one process, on the database given. It walks, compares and repairs when it is asked to. */
import { createLogger, startBelay } from "@belay/server";
import { createBelayClient } from "@belay/sdk/client";
import { setTimeout as sleep } from "node:timers/promises";
import { benchMasterKey } from "../support/master-key.ts";
import type { Question } from "./questions.ts";

const [, , provider, databaseUrl = ""] = process.argv;
process.env["BENCH_PROVIDER"] = provider;
const adminToken = "bench-bench-bench";
const at = { tenant: "acme", connection: "acme-crm" };
let walked = 0;

const belay = await startBelay({
  config: new URL("./belay.config.ts", import.meta.url),
  database: { kind: "postgres", url: databaseUrl },
  adminToken,
  masterKey: benchMasterKey,
  logger: createLogger("error"),
});
const client = createBelayClient({ url: belay.url, token: adminToken });

/** Waits for the end of the next walk of the sync; the first begins by itself. */
async function walk(): Promise<object> {
  if (walked > 0) await client.runSync("contacts", at);
  for (;;) {
    const [newest] = await client.walks("contacts", at);
    if (newest !== undefined && newest.id > walked && newest.state !== "open") {
      walked = newest.id;
      return newest;
    }
    await sleep(100);
  }
}

/** Compares, and gives what was found. */
async function compare(): Promise<object> {
  const { id } = await client.reconcile("contacts", at);
  for (;;) {
    const [newest] = (await client.reconciliations("contacts", at)).items;
    if (newest?.id === id && newest.endedAt !== null) {
      walked = newest.walk ?? walked;
      const discrepancies: [string, string][] = [];
      for await (const { externalId, class: of } of client.discrepancies("contacts", { ...at, id })) discrepancies.push([externalId, of]);
      return { ...newest, discrepancies };
    }
    await sleep(100);
  }
}

/** Repairs until nothing is left. */
async function repair(id: number): Promise<object> {
  let applied = 0;
  for (;;) {
    const done = await client.applyReconciliation("contacts", { ...at, id, most: 1_000_000, approveDeletes: true });
    applied += done.applied;
    if (done.left === 0) return { applied };
    if (done.applied + done.skipped === 0) throw new Error(`A repair stands still: ${JSON.stringify(done)}.`);
  }
}

process.on("message", (question: Question) => {
  const answer = "id" in question ? repair(question.id) : question.ask === "walk" ? walk() : compare();
  answer.then(
    (said) => process.send?.(said),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => {
  belay.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.send?.({ ok: true });
