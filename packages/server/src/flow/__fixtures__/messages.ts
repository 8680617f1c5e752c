import type { Lease, Message } from "../../mailbox/index.ts";

/* Messages for the flow of `belay.config.ts`, without a database. */

export const lease: Lease = {
  tenant: "acme",
  mailbox: "acme-target/event",
  connection: "acme-target",
  lane: "event",
  token: 1,
  head: 0,
  takenOver: false,
  suspectUntil: 0,
};

let ids = 0;

/** A message that says what its handler is to do. */
export function newMessage(what: string, name = ""): Message {
  ids += 1;
  return {
    tenant: "acme",
    mailbox: lease.mailbox,
    id: ids,
    orderKey: `k${ids}`,
    flow: "act",
    connection: "acme-source",
    eventKey: `e${ids}`,
    eventType: "act",
    version: null,
    payload: JSON.stringify({ do: what, name }),
    trace: null,
    receivedAtMs: Date.now(),
    firstAttemptAtMs: null,
    attempts: 0,
    suspect: false,
    parked: false,
    blocked: false,
    appliedVersion: null,
    steps: {},
  };
}
