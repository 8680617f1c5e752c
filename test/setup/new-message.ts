import type { Lease, Message } from "../../packages/server/src/mailbox/index.ts";

/** A lease of tenant acme. */
export function newLease(given: Partial<Lease> = {}): Lease {
  return {
    tenant: "acme",
    mailbox: "acme-target/event",
    connection: "acme-target",
    lane: "event",
    token: 1,
    head: 0,
    takenOver: false,
    suspectUntil: 0,
    ...given,
  };
}

/** A message that nobody has tried yet, of its own order key. */
export function newMessage({ id = 1, ...given }: Partial<Message> = {}): Message {
  return {
    tenant: "acme",
    mailbox: "acme-target/event",
    id,
    orderKey: `k${id}`,
    flow: "act",
    connection: "acme-source",
    eventKey: `e${id}`,
    eventType: "act",
    version: null,
    payload: "{}",
    trace: null,
    receivedAtMs: 0,
    firstAttemptAtMs: null,
    attempts: 0,
    suspect: false,
    parked: false,
    blocked: false,
    appliedVersion: null,
    steps: {},
    ...given,
  };
}
