import { expect, test } from "vitest";
import { newLease, newMessage } from "../../../../test/setup/new-message.ts";
import { ActiveMailbox } from "./active-mailbox.ts";
import type { Message } from "./types.ts";

const newMailbox = (): ActiveMailbox => new ActiveMailbox(newLease(), 0);
const messageOf = (id: number, given: Partial<Message> = {}): Message => newMessage({ id, orderKey: "k", ...given });

test("a message that was read as blocked holds up those after it, although its block has gone and it is not parked yet", () => {
  const mailbox = newMailbox();
  const first = messageOf(1, { parked: true, attempts: 1 });
  expect(mailbox.accept([first], 10)).toEqual([first]);
  // Meanwhile a fetch reads the second message, while the block of the first still stands; the first ends, and its block goes.
  mailbox.finish(first, { kind: "delivered", stepped: false }, 0);
  mailbox.toSettlement(true);
  mailbox.settled();
  expect(mailbox.accept([messageOf(2, { blocked: true })], 1)).toEqual([]);
  // The next fetch finds no block for the third.
  expect(mailbox.accept([messageOf(3)], 1)).toEqual([]);
  expect(mailbox.toSettlement(true).results.map(({ kind, message }) => [kind, message.id])).toEqual([
    ["park", 2],
    ["park", 3],
  ]);
});

test("what a breaker keeps away gets the attempts back that had met the outage, and only then", () => {
  const kinds = (attempts: number, verdict: { begun: boolean; outage?: boolean }): string[] => {
    const mailbox = newMailbox();
    const message = messageOf(1, { attempts, parked: attempts > 0 });
    mailbox.accept([message], 10);
    mailbox.finish(message, { kind: "wait", waitMs: 5_000, why: "HTTP_CIRCUIT_OPEN", ...verdict }, 0);
    return mailbox.toSettlement(false, { more: true }).results.map(({ kind }) => kind);
  };
  expect(kinds(2, { begun: false, outage: true })).toEqual(["forgive"]);
  expect(kinds(2, { begun: true, outage: true })).toEqual(["forgive"]);
  expect(kinds(0, { begun: true, outage: true })).toEqual(["suspend"]);
  expect(kinds(0, { begun: false, outage: true })).toEqual([]);
  // Waits for a budget, say.
  expect(kinds(2, { begun: false })).toEqual([]);
});

test("waits until the first time that any of its messages was told, however long the others still run", () => {
  const mailbox = newMailbox();
  const [first, second, third] = [messageOf(1, { orderKey: "a" }), messageOf(2, { orderKey: "b" }), messageOf(3, { orderKey: "c" })];
  mailbox.accept([first, second, third], 10);
  mailbox.finish(first, { kind: "wait", waitMs: 10_000, why: "RATE", begun: false }, 1_000);
  mailbox.finish(second, { kind: "wait", waitMs: 9_500, why: "RATE", begun: false }, 1_200);
  mailbox.finish(third, { kind: "delivered", stepped: false }, 8_000);
  expect(mailbox.waiting).toEqual({ untilMs: 10_700, why: "RATE" });
});
