import type { EndedRun } from "../../flow/index.ts";
import { newMessage } from "../../../../../test/setup/new-message.ts";
import type { Message } from "../../mailbox/index.ts";

export const traceId = "0af7651916cd43dd8448eb211c80319c";
export const receiptId = "b7ad6b7169203331";
export const traceparent = (flags: "00" | "01"): string => `00-${traceId}-${receiptId}-${flags}`;

/** A run of a message of tenant acme, from the shop to the desk. */
export function newRun(changed: Partial<EndedRun>, ofMessage: Partial<Message> = {}): EndedRun {
  const message = newMessage({
    mailbox: "acme-desk/event",
    id: 7,
    orderKey: "shop/1",
    flow: "sell",
    connection: "shop",
    eventKey: "evt-1",
    eventType: "sold",
    payload: '{"email":"canary@buyer.example"}',
    trace: traceparent("01"),
    receivedAtMs: 1_000,
    ...ofMessage,
  });
  return { message, target: "acme-desk", verdict: { kind: "delivered", stepped: false }, startedAtMs: 1_200, endedAtMs: 1_300, ...changed };
}
