import { randomUUID } from "node:crypto";
import type { Lane, NewMessage } from "../mailbox/index.ts";
import type { SyncKey } from "./types.ts";

/** The type of the event that makes a walk go on. */
export const walkEvent = "sync.walk";

/** The message by which whoever works on the connection's mailbox goes on with the sync's open walk. Walks of a sync and connection have one order key, and so one pair of hands. */
export function walkMessage({ tenant, sync, connection }: SyncKey, lane: Lane): NewMessage {
  return {
    tenant,
    target: connection,
    lane,
    orderKey: `sync/${sync}`,
    flow: sync,
    connection,
    eventKey: `walk-${randomUUID()}`,
    eventType: walkEvent,
    version: null,
    payload: Buffer.from("{}"),
    trace: null,
  };
}
