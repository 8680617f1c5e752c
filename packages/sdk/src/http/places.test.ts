import { expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import type { OutboundRequest, OutboundResponse } from "./outbound.ts";
import { place } from "./place.ts";
import { Places } from "./places.ts";

const answer: OutboundResponse = { status: 200, headers: {}, body: "" };
const request = (label: string, changes: Partial<OutboundRequest> = {}): OutboundRequest =>
  ({ label, signal: undefined, deadlineAt: Number.POSITIVE_INFINITY, ...changes }) as OutboundRequest;

/** Calls through the layer whose far end answers when it is told to. */
function open(most: number): {
  begun: string[];
  finish: (label: string) => void;
  call: (tenant: string, r: OutboundRequest) => Promise<OutboundResponse>;
} {
  const places = new Places(most);
  const begun: string[] = [];
  const running = new Map<string, () => void>();
  const call = (tenant: string, asked: OutboundRequest): Promise<OutboundResponse> =>
    place(
      places,
      tenant,
      systemClock,
    )(({ label }) => {
      begun.push(label);
      return new Promise((resolve) => running.set(label, () => resolve(answer)));
    })(asked);
  return { begun, call, finish: (label) => running.get(label)?.() };
}

test("as many calls of a tenant begin as there are places, the next in the order of asking when one ends, and nobody waits for another tenant", async () => {
  const { begun, call, finish } = open(2);
  const calls = new Map(["a1", "a2", "a3", "a4", "b1"].map((label) => [label, call(label.slice(0, 1), request(label))]));
  expect(begun).toEqual(["a1", "a2", "b1"]);
  finish("a2");
  await calls.get("a2");
  await Promise.resolve();
  expect(begun.at(-1)).toBe("a3");
  for (const label of ["a1", "a3", "b1"]) {
    finish(label);
    await calls.get(label);
  }
  await Promise.resolve();
  finish("a4");
  await calls.get("a4");
  expect(begun).toEqual(["a1", "a2", "b1", "a3", "a4"]);
});

test("a call that is cancelled while it waits never begins, and takes nobody's place", async () => {
  const { begun, call, finish } = open(1);
  const first = call("a", request("a1"));
  const abort = new AbortController();
  const second = call("a", request("a2", { signal: abort.signal }));
  const third = call("a", request("a3"));
  abort.abort("gone");
  await expect(second).rejects.toMatchObject({ code: "HTTP_ABORTED" });
  finish("a1");
  await first;
  await Promise.resolve();
  finish("a3");
  await third;
  expect(begun).toEqual(["a1", "a3"]);
});

test("a call that finds no place by its deadline waits in its mailbox, without having been attempted", async () => {
  const { call, begun } = open(1);
  void call("a", request("a1"));
  const late = call("a", request("a2", { deadlineAt: systemClock.now() + 5 }));
  await expect(late).rejects.toMatchObject({
    code: "HTTP_BUDGET_EXHAUSTED",
    details: { waits: true, sent: false },
    retry: { afterMs: 1_000 },
  });
  expect(begun).toEqual(["a1"]);
});
