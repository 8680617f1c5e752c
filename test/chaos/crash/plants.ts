import type { Transform } from "./transforms.ts";

/** A bug that is put into the product to see whether the harness notices. */
export interface Plant {
  readonly meaning: string;
  /** What of the harness brings it to light. */
  readonly caughtBy: string;
  readonly transforms: readonly Transform[];
}

const mailbox = "server/src/mailbox";

export const plants = {
  "no-fence": {
    meaning: "results count whatever the token says, and the lease is not checked before bytes leave",
    caughtBy: "zombies: doubled in the target without keys",
    transforms: [
      { file: `${mailbox}/settle-store.ts`, find: " and m.token = x.token", replace: "" },
      { file: `${mailbox}/settle-store.ts`, find: "where m.leased and m.tenant", replace: "where m.tenant" },
      {
        file: "server/src/flow/run-flow.ts",
        find: "if (abort.signal.aborted || !leaseHolds(request.slot, ports.clock.now()))",
        replace: "if (false)",
      },
    ],
  },
  "early-acknowledgement": {
    meaning: "202 is answered before the commit",
    caughtBy: "PostgreSQL restarts and kills of the ingest process: lost",
    transforms: [
      {
        file: "server/src/ingress/routes.ts",
        find: "parts.commit.submit(endpoint.connection.id, event)",
        replace: '(parts.commit.submit(endpoint.connection.id, event).catch(() => {}), Promise.resolve("accepted"))',
      },
    ],
  },
  "insert-before-lock": {
    meaning: "messages are inserted before their mailboxes are locked, so that ids do not follow the order of commit",
    caughtBy: "load alone: lost behind the head",
    transforms: [
      {
        file: `${mailbox}/commit-messages.ts`,
        find: "ids.push(...(await insertMessages(tx, distinctMailboxes(messages), packed.rows.slice(0, messages.length), packed.bytes, withIds)));",
        replace:
          '{ ids.push(...(await insertMessages(tx, [], packed.rows.slice(0, messages.length), packed.bytes, withIds))); await globalThis.belayChaos.pause(); await (await import("./store.ts")).wakeMailboxes(tx, distinctMailboxes(messages)); }',
      },
    ],
  },
  "unsorted-keys": {
    meaning: "a commit locks its mailboxes in any order",
    caughtBy: "load alone: deadlocks",
    transforms: [
      {
        file: `${mailbox}/commit-messages.ts`,
        find: "[...byKey.values()].toSorted(compareMailboxes)",
        replace: "[...byKey.values()].toSorted(() => Math.random() - 0.5)",
      },
      { file: `${mailbox}/store.ts`, find: `order by tenant collate "C", id collate "C"`, replace: "" },
    ],
  },
  "head-without-order": {
    meaning: "the head moves to the cursor though messages below it are unfinished",
    caughtBy: "kills of workers: lost",
    transforms: [
      { file: `${mailbox}/active-mailbox.ts`, find: "return Math.min(this.cursor, lowest - 1);", replace: "return this.cursor;" },
    ],
  },
  "key-per-attempt": {
    meaning: "each attempt has an idempotency key of its own",
    caughtBy: "kills of workers: doubled in the target with keys",
    transforms: [
      {
        file: "server/src/flow/step-context.ts",
        find: "JSON.stringify([tenant, flow, connection, eventKey, this.#parts.name])",
        replace: "JSON.stringify([tenant, flow, connection, eventKey, this.#parts.name, Math.random()])",
      },
    ],
  },
  "cursor-before-effect": {
    meaning: "a message is settled as delivered before its effect",
    caughtBy: "kills of workers: lost",
    transforms: [
      {
        file: `${mailbox}/dispatcher.ts`,
        find: "runReadable(held.runner, message).then(",
        replace: 'runReadable(held.runner, message).catch(() => {}); Promise.resolve({ kind: "delivered", stepped: false }).then(',
      },
    ],
  },
  "ignore-order-key": {
    meaning: "all messages of a mailbox run at once",
    caughtBy: "load alone: out of order, stale writes",
    transforms: [
      { file: `${mailbox}/active-mailbox.ts`, find: "} else if (this.#busyKeys.has(message.orderKey)) {", replace: "} else if (false) {" },
    ],
  },
  "skip-idempotency-key": {
    meaning: "the header with the idempotency key is not sent",
    caughtBy: "kills of workers and broken connections: doubled in the target with keys",
    transforms: [{ file: "sdk/src/http/idempotency-key.ts", find: 'if (write?.safety.kind === "key")', replace: "if (false)" }],
  },
  "leases-never-expire": {
    meaning: "a mailbox whose holder has gone stays with it for ever",
    caughtBy: "kills of workers: stranded, lost",
    transforms: [
      {
        file: `${mailbox}/claim-store.ts`,
        find: "where due_at is not null and not in_line and due_at <=",
        replace: "where due_at is not null and not in_line and not leased and due_at <=",
      },
    ],
  },
  "forget-suspects": {
    meaning: "whoever takes a mailbox over does not look for what the worker before may have done",
    caughtBy: "kills of workers: doubled in the target without keys",
    transforms: [
      { file: `${mailbox}/store.ts`, find: 'n.suspect or n.id <= n."suspectUntil" as suspect', replace: "n.suspect as suspect" },
    ],
  },
} as const satisfies Readonly<Record<string, Plant>>;

/** Not a bug but bad luck that a correct product survives: some bugs show only under it. */
export const conditions = {
  "failing-commits": [
    {
      file: "server/src/ingress/group-commit.ts",
      find: "const accepted = await this.#store(",
      replace: 'if (Math.random() < 0.05) throw new Error("planted: the commit fails"); const accepted = await this.#store(',
    },
  ],
} as const satisfies Readonly<Record<string, readonly Transform[]>>;

export type ConditionName = keyof typeof conditions;

export type PlantName = keyof typeof plants;

export function isPlant(name: string): name is PlantName {
  return Object.hasOwn(plants, name);
}
