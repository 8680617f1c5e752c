import type { Transform } from "../crash/transforms.ts";

/** A bug that is put into the product to see whether the kernel finds it. */
interface KernelPlant {
  readonly meaning: string;
  /** The part of the product it sits in. */
  readonly part: "ingress" | "dispatch" | "ledger" | "pipeline";
  readonly transforms: readonly Transform[];
}

const mailbox = "server/src/mailbox";

/** Each is a slip that a careful engineer could make, and that the types and the linter let pass. */
export const kernelPlants = {
  "early-acknowledgement": {
    part: "ingress",
    meaning: "an event is acknowledged before its transaction has committed",
    transforms: [
      {
        file: "server/src/ingress/group-commit.ts",
        find: "const accepted = await this.#store(batch.map(({ event }) => event));",
        replace:
          'for (const waiting of batch) waiting.resolve("accepted"); const accepted = await this.#store(batch.map(({ event }) => event));',
      },
    ],
  },
  "redelivery-not-recognised": {
    part: "ingress",
    meaning: "an event counts as new whether or not its keys were seen before",
    transforms: [
      {
        file: "server/src/ingress/group-commit.ts",
        find: "first[index] === true && event.keys.every((key) => fresh.has(toText({ ...event, key })))",
        replace: "first[index] === true && (fresh.size >= 0 || event.keys.length > 0)",
      },
    ],
  },
  "keys-outside-transaction": {
    part: "ingress",
    meaning: "an event's keys are stored in a transaction of their own, before its messages",
    transforms: [
      {
        file: "server/src/ingress/group-commit.ts",
        find: "const fresh = new Set((await insertDedupeKeys(tx, sorted)).map(toText));",
        replace: "const fresh = early;",
      },
      {
        file: "server/src/ingress/group-commit.ts",
        find: "return await this.#db.transaction().execute(async (tx) => {",
        replace:
          "const early = new Set((await insertDedupeKeys(this.#db, [...claimed.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row))).map(toText)); return await this.#db.transaction().execute(async (tx) => {",
      },
    ],
  },
  "head-past-parked": {
    part: "dispatch",
    meaning: "the head moves to what was fetched last, past messages that were fetched and given up again",
    transforms: [
      { file: `${mailbox}/active-mailbox.ts`, find: "return Math.min(this.cursor, lowest - 1);", replace: "return this.cursor;" },
    ],
  },
  "block-not-lifted": {
    part: "dispatch",
    meaning: "a message that is delivered after a retry leaves the block of its order key in place",
    transforms: [
      {
        file: `${mailbox}/settle-mailboxes.ts`,
        find: "const cleared = [...finished, ...dead].filter(",
        replace: "const cleared = [...dead].filter(",
      },
    ],
  },
  "retry-counted-twice": {
    part: "dispatch",
    meaning: "the statement that writes a failed attempt down adds one to what the worker has added already",
    transforms: [
      {
        file: `${mailbox}/settle-store.ts`,
        find: "array_agg(x.attempts)",
        replace: "array_agg(x.attempts + 1)",
      },
    ],
  },
  "pause-forgotten": {
    part: "dispatch",
    meaning: "a mailbox that has to wait for its target is given back without a time to come back",
    transforms: [
      {
        file: `${mailbox}/settle-store.ts`,
        find: "when greatest(m.paused_until, x.waits_until) > (select belay.now()) then greatest(m.paused_until, x.waits_until)",
        replace: "when greatest(m.paused_until, x.waits_until) > (select belay.now()) then null",
      },
    ],
  },
  "result-before-effect": {
    part: "ledger",
    meaning: "a step's result is stored before the step has had its effect",
    transforms: [
      {
        file: "server/src/flow/run-message.ts",
        find: "let wrote = false;",
        replace: 'let wrote = false; await this.#recordOne({ name, result: "null", wrote: true });',
      },
    ],
  },
  "ledger-not-written": {
    part: "ledger",
    meaning: "the results of finished steps are not stored before the next step begins",
    transforms: [
      {
        file: "server/src/flow/run-message.ts",
        find: "await this.record(); let wrote",
        replace: "let wrote",
      },
    ],
  },
  "key-per-attempt": {
    part: "pipeline",
    meaning: "the idempotency key depends on the attempt",
    transforms: [
      {
        file: "server/src/flow/step-context.ts",
        find: "const { tenant, flow, connection, eventKey } = this.#request;",
        replace: "const { tenant, flow, connection, eventKey, attempt } = this.#request;",
      },
      {
        file: "server/src/flow/step-context.ts",
        find: "JSON.stringify([tenant, flow, connection, eventKey, this.#parts.name])",
        replace: "JSON.stringify([tenant, flow, connection, eventKey, this.#parts.name, attempt])",
      },
    ],
  },
  "read-back-skipped": {
    part: "pipeline",
    meaning: "after an unknown outcome a write that the provider cannot de-duplicate is sent again without a look",
    transforms: [
      {
        file: "sdk/src/http/client/write-once.ts",
        find: "if (found !== undefined) return found; if (resends >= mostResends) throw error;",
        replace: "if (resends >= mostResends) throw error;",
      },
    ],
  },
  "suspicion-forgotten": {
    part: "pipeline",
    meaning: "a message that was taken over is not suspected of having had effects",
    transforms: [
      { file: `${mailbox}/store.ts`, find: 'n.suspect or n.id <= n."suspectUntil" as suspect', replace: "n.suspect as suspect" },
    ],
  },
  "wait-becomes-failure": {
    part: "pipeline",
    meaning: "an exhausted budget is an error like any other: it uses an attempt up instead of letting the mailbox wait",
    transforms: [
      {
        file: "server/src/flow/thread-pool.ts",
        find: 'if (end.waits && typeof end.retry === "object") return',
        replace: 'if (end.waits && end.retry === "never") return',
      },
    ],
  },
  "no-fence": {
    part: "dispatch",
    meaning: "results count whatever the lease's token says",
    transforms: [{ file: `${mailbox}/settle-store.ts`, find: " and m.token = x.token", replace: "" }],
  },
  "lease-not-checked": {
    part: "dispatch",
    meaning: "a write leaves without a look at the lease",
    transforms: [
      {
        file: "server/src/flow/run-flow.ts",
        find: "if (abort.signal.aborted || !leaseHolds(request.slot, ports.clock.now()))",
        replace: "if (false)",
      },
    ],
  },
} as const satisfies Readonly<Record<string, KernelPlant>>;

export type KernelPlantName = keyof typeof kernelPlants;

export function isKernelPlant(name: string): name is KernelPlantName {
  return Object.hasOwn(kernelPlants, name);
}
