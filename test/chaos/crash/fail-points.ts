import type { Transform } from "./transforms.ts";

/** Places at which a process can be told to kill itself, and who passes them. */
const failPoints = {
  "after-claim": "worker",
  "after-fetch": "worker",
  "before-send": "worker",
  "after-send": "worker",
  "between-steps": "worker",
  "before-settle": "worker",
  "in-settle": "worker",
  "after-settle-commit": "worker",
  "in-group-commit-before-commit": "ingest",
  "after-commit-before-ack": "ingest",
} as const satisfies Readonly<Record<string, "worker" | "ingest">>;

export type FailPoint = keyof typeof failPoints;

export function pointsOf(role: "worker" | "ingest"): FailPoint[] {
  return (Object.keys(failPoints) as FailPoint[]).filter((point) => failPoints[point] === role);
}

const hit = (point: FailPoint): string => `globalThis.belayChaos.hit("${point}");`;

/** Puts the fail points into the product. */
export const failPointTransforms: readonly Transform[] = [
  after("server/src/mailbox/dispatcher.ts", "const { leases } = claimed;", "await globalThis.belayChaos.claimed(leases);"),
  before(
    "server/src/mailbox/dispatcher.ts",
    "const byMailbox = Map.groupBy(messages, toText);",
    "await globalThis.belayChaos.fetched(messages);",
  ),
  before("sdk/src/http/send.ts", "this.#sent = true;", `if (this.#request.write !== undefined) ${hit("before-send")}`),
  after("sdk/src/http/send.ts", "if (status < 200 || this.#over) return;", `if (this.#request.write !== undefined) ${hit("after-send")}`),
  {
    file: "server/src/flow/run-message.ts",
    find: "let wrote = false;",
    replace: 'let wrote = false; if (this.#names.size > 1) globalThis.belayChaos.hit("between-steps");',
  },
  around(
    "server/src/mailbox/dispatcher.ts",
    "const { lost, due, kept } = await settleMailboxes(this.#parts.db, this.#parts.cipher, settlements, this.#options.leaseMs);",
    hit("before-settle"),
    hit("after-settle-commit"),
  ),
  before("server/src/mailbox/settle-mailboxes.ts", "const settled = toSettled(sorted, handedBack);", hit("in-settle")),
  after(
    "server/src/ingress/group-commit.ts",
    "if (this.#options.notify) await notifyWorkers(tx, distinct(news));",
    'await globalThis.belayChaos.pause("in-group-commit-before-commit");',
  ),
  after(
    "server/src/ingress/group-commit.ts",
    "const accepted = await this.#store(batch.map(({ event }) => event));",
    hit("after-commit-before-ack"),
  ),
];

function around(file: string, find: string, first: string, last: string): Transform {
  return { file, find, replace: `${first} ${find} ${last}` };
}

function before(file: string, find: string, code: string): Transform {
  return around(file, find, code, "");
}

function after(file: string, find: string, code: string): Transform {
  return around(file, find, "", code);
}
