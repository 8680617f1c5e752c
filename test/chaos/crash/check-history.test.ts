import { describe, expect, test } from "vitest";
import { checkHistory, type Effect, type Sent } from "./check-history.ts";
import { eventId, type Kind } from "./source-event.ts";

function sent(kind: Kind, sequence: number, ackedAt: number | null = 1): Sent {
  return { id: eventId({ type: kind, key: "k", sequence }), kind, key: "k", sequence, ackedAt };
}

function effect(kind: Kind, sequence: number, part = 1): Effect {
  return { kind, key: "k", sequence, part, at: 1_000 + sequence };
}

const none = { lost: 0, doubled: 0, outOfOrder: 0, staleWrites: 0, unexpected: 0 };

describe("a history without fault has no findings", () => {
  test.each<[string, Sent[], Effect[], string[]]>([
    [
      "both effects in order",
      [sent("ledger", 1), sent("ledger", 2)],
      [effect("ledger", 1), effect("ledger", 1, 2), effect("ledger", 2), effect("ledger", 2, 2)],
      [],
    ],
    ["an older version that a newer one superseded", [sent("board", 2), sent("board", 1)], [effect("board", 2)], []],
    ["not acknowledged and not applied", [sent("registry", 1, null)], [], []],
    ["not acknowledged but applied", [sent("registry", 1, null)], [effect("registry", 1)], []],
    ["a dead letter", [sent("registry", 1)], [], ["registry:k:1"]],
  ])("%s", (_, events, effects, dead) => {
    expect(checkHistory({ sent: events, effects, dead })).toEqual({ ...none, findings: [] });
  });
});

describe("each planted fault is found, and found as what it is", () => {
  const three = [sent("registry", 1), sent("registry", 2), sent("registry", 3)];
  const boards = [sent("board", 1), sent("board", 2)];
  test.each<[string, Sent[], Effect[], Partial<typeof none>]>([
    ["an acknowledged event without effect", three, [effect("registry", 1), effect("registry", 3)], { lost: 1 }],
    ["one of two effects missing", [sent("ledger", 1)], [effect("ledger", 1)], { lost: 1 }],
    ["the newest version missing", boards, [effect("board", 1)], { lost: 1 }],
    [
      "the same effect twice",
      three,
      [effect("registry", 1), effect("registry", 2), effect("registry", 3), effect("registry", 3)],
      { doubled: 1 },
    ],
    [
      "an old effect a second time",
      three,
      [effect("registry", 1), effect("registry", 2), effect("registry", 3), effect("registry", 1)],
      { doubled: 1 },
    ],
    ["effects exchanged", three, [effect("registry", 1), effect("registry", 3), effect("registry", 2)], { outOfOrder: 1 }],
    ["the second step before the first", [sent("ledger", 1)], [effect("ledger", 1, 2), effect("ledger", 1)], { outOfOrder: 1 }],
    ["an older version over a newer one", boards, [effect("board", 2), effect("board", 1)], { staleWrites: 1 }],
    ["an effect of nothing", [], [effect("registry", 9)], { unexpected: 1 }],
  ])("%s", (_, events, effects, expected) => {
    const { findings, ...counts } = checkHistory({ sent: events, effects, dead: [] });
    expect(counts).toEqual({ ...none, ...expected });
    expect(findings).toHaveLength(1);
  });
});

test("while the run goes on nothing counts as lost yet", () => {
  expect(checkHistory({ sent: [sent("registry", 1)], effects: [], dead: [] }, { finished: false })).toEqual({ ...none, findings: [] });
});
