import { expect, test } from "vitest";
import { type Call, findLinearization } from "./check-linearizable.ts";
import { type LeaseInput, leaseModel, type LeaseOutput } from "./lease-model.ts";

let clock = 0;

/** Calls that overlap nothing, in the order in which they are listed. */
function oneAfterAnother(...pairs: readonly (readonly [LeaseInput, LeaseOutput])[]): Call<LeaseInput, LeaseOutput>[] {
  return pairs.map(([input, output]) => ({ client: "a", input, output, calledAt: (clock += 1), answeredAt: (clock += 1) }));
}

/** The same calls, all at once. */
function atOnce(...pairs: readonly (readonly [LeaseInput, LeaseOutput])[]): Call<LeaseInput, LeaseOutput>[] {
  const start = (clock += 1);
  const end = start + 1_000;
  clock = end;
  return pairs.map(([input, output], index) => ({
    client: String(index),
    input,
    output,
    calledAt: start + index,
    answeredAt: end - index,
  }));
}

const wake = [{ kind: "wake" }, { kind: "done" }] as const;
const expire = [{ kind: "expire" }, { kind: "done" }] as const;
const claimed = (token: number, takenOver = false) => [{ kind: "claim" }, { kind: "claimed", token, takenOver }] as const;
const nothingDue = [{ kind: "claim" }, { kind: "nothing-due" }] as const;
const extend = (token: number, kind: "held" | "lost") => [{ kind: "extend", token }, { kind }] as const;
const kept = (token: number, next: number) =>
  [
    { kind: "hand-back", token, more: false },
    { kind: "kept", token: next },
  ] as const;
const handBack = (token: number, kind: "held" | "lost", more = false) => [{ kind: "hand-back", token, more }, { kind }] as const;

const order = (calls: readonly Call<LeaseInput, LeaseOutput>[]) => findLinearization(calls, leaseModel);

test("a history that a single lease explains is accepted, and its order is given", () => {
  const calls = oneAfterAnother(wake, claimed(1), nothingDue, extend(1, "held"), wake, kept(1, 2), handBack(2, "held"), wake, claimed(3));
  expect(order(calls)).toEqual(calls);
});

test("calls at once may take effect in any order", () => {
  const first = oneAfterAnother(wake);
  expect(order([...first, ...atOnce(handBack(1, "held"), claimed(1))])?.map(({ input }) => input.kind)).toEqual([
    "wake",
    "claim",
    "hand-back",
  ]);
});

test("two workers under one token are refused, in turn as well as at once", () => {
  expect(order(oneAfterAnother(wake, claimed(1), claimed(1)))).toBeUndefined();
  expect(order([...oneAfterAnother(wake), ...atOnce(claimed(1), claimed(1))])).toBeUndefined();
  expect(order([...oneAfterAnother(wake), ...atOnce(claimed(1), claimed(2))])).toBeUndefined();
});

test("results that count after the lease has gone to another are refused: the missing fence", () => {
  expect(order(oneAfterAnother(wake, claimed(1), expire, claimed(2, true), handBack(1, "lost")))).toBeDefined();
  expect(order(oneAfterAnother(wake, claimed(1), expire, claimed(2, true), handBack(1, "held")))).toBeUndefined();
  expect(order(oneAfterAnother(wake, claimed(1), expire, claimed(2, true), extend(1, "held")))).toBeUndefined();
});

test("a lease that is lost without anybody having taken it is refused", () => {
  expect(order(oneAfterAnother(wake, claimed(1), extend(1, "lost")))).toBeUndefined();
});

test("a wake-up that was swallowed is refused, unless the claim met a locked row", () => {
  expect(order(oneAfterAnother(wake, claimed(1), wake, handBack(1, "held")))).toBeUndefined();
  expect(order(oneAfterAnother(wake, claimed(1), handBack(1, "held", true), nothingDue))).toBeUndefined();
  expect(order([...oneAfterAnother(wake, claimed(1)), ...atOnce(handBack(1, "held", true), nothingDue)])).toBeDefined();
});

test("an answer may not come before the call that explains it", () => {
  expect(order(oneAfterAnother(claimed(1), wake))).toBeUndefined();
});

test("a takeover that is not told as one is refused", () => {
  expect(order(oneAfterAnother(wake, claimed(1), expire, claimed(2, false)))).toBeUndefined();
});
