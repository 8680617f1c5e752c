import type { RunEnd } from "../../../packages/server/src/flow/protocol.ts";
import type { Message } from "../../../packages/server/src/mailbox/index.ts";

/** What the processes of a history say of runs that failed. */
export class RunFailures {
  /** Failed runs by message. */
  readonly runs = new Map<number, number>();
  /** Entities with an event that died of a 401: it may have had its effect in an attempt before. */
  readonly diedUnauthorized = new Set<string>();

  count({ id, tenant, flow, orderKey }: Message, end: RunEnd): void {
    if (end.kind !== "failed" || (end.waits && typeof end.retry === "object")) return;
    // An order key begins with its connection.
    if (end.code.endsWith("UNAUTHORIZED")) this.diedUnauthorized.add(`${tenant}/${flow}/${orderKey.slice(orderKey.indexOf("/") + 1)}`);
    this.runs.set(id, (this.runs.get(id) ?? 0) + 1);
  }
}
