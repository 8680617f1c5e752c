import { describe, expect, test } from "vitest";
import { check } from "./check.ts";
import type { TargetRecord, TargetWrite } from "./check.ts";

const event = (entity: string, ...versions: number[]) => versions.map((version) => ({ entity, version }));
const create = (version: number, idempotencyKey?: string): TargetWrite => ({ version, operation: "create", idempotencyKey, changed: true });
const update = (version: number, changed = true, idempotencyKey?: string): TargetWrite => ({
  version,
  operation: "update",
  idempotencyKey,
  changed,
});
const record = (entity: string, id: string, ...writes: TargetWrite[]): TargetRecord => ({ entity, id, writes });
const kinds = (evidence: Partial<Parameters<typeof check>[0]>) =>
  check({ acknowledged: [], records: [], deadLetters: [], ...evidence }).violations.map(({ kind }) => kind);

describe("a history without fault", () => {
  test("may skip superseded versions and counts what was delivered", () => {
    const verdict = check({
      acknowledged: [...event("a", 1, 2, 3), ...event("b", 1)],
      records: [record("a", "1", create(1), update(3)), record("b", "2", create(1))],
      deadLetters: [],
    });
    expect(verdict).toEqual({ delivered: 3, violations: [] });
  });

  test("may repeat an update that changes nothing under the same key", () => {
    expect(kinds({ acknowledged: event("a", 1, 2), records: [record("a", "1", create(1), update(2), update(2, false))] })).toEqual([]);
  });

  test("may lack a version that ended as a dead letter", () => {
    expect(kinds({ acknowledged: event("a", 1, 2), records: [record("a", "1", create(1))], deadLetters: ["a"] })).toEqual([]);
    expect(kinds({ acknowledged: event("a", 1), deadLetters: ["a"] })).toEqual([]);
  });
});

describe("lost is reported when", () => {
  test("an acknowledged entity has no record", () => {
    expect(kinds({ acknowledged: event("a", 1) })).toEqual(["lost"]);
  });

  test("the target shows an older version than the newest acknowledged", () => {
    expect(kinds({ acknowledged: event("a", 1, 2), records: [record("a", "1", create(1))] })).toEqual(["lost"]);
  });

  test("more versions are missing than dead letters explain", () => {
    expect(kinds({ acknowledged: event("a", 1, 2, 3), records: [record("a", "1", create(1))], deadLetters: ["a"] })).toEqual(["lost"]);
  });

  test("only another entity has a dead letter", () => {
    expect(kinds({ acknowledged: event("a", 1), deadLetters: ["b"] })).toEqual(["lost"]);
  });
});

describe("doubled is reported when", () => {
  test("an entity has two records", () => {
    expect(kinds({ acknowledged: event("a", 1), records: [record("a", "1", create(1)), record("a", "2", create(1))] })).toEqual([
      "doubled",
    ]);
  });

  test("one event both created and updated its record", () => {
    expect(kinds({ acknowledged: event("a", 1), records: [record("a", "1", create(1), update(1, false))] })).toEqual(["doubled"]);
  });

  test("one event's update changed the record twice", () => {
    expect(kinds({ acknowledged: event("a", 1, 2), records: [record("a", "1", create(1), update(2), update(2))] })).toEqual(["doubled"]);
  });

  test("one event's update was sent under two keys", () => {
    expect(
      kinds({ acknowledged: event("a", 1, 2), records: [record("a", "1", create(1), update(2, true, "k-1"), update(2, false, "k-2"))] }),
    ).toEqual(["doubled"]);
  });
});

test("out of order is reported when an older version is written after a newer one", () => {
  expect(kinds({ acknowledged: event("a", 1, 2, 3), records: [record("a", "1", create(2), update(1), update(3))] })).toEqual([
    "out-of-order",
  ]);
});

test("a stale last write is both out of order and a loss of the newest version", () => {
  expect(kinds({ acknowledged: event("a", 1, 2), records: [record("a", "1", create(2), update(1))] })).toEqual(["lost", "out-of-order"]);
});

test("unasked is reported for a write that no acknowledged event asked for", () => {
  expect(kinds({ acknowledged: event("a", 1), records: [record("a", "1", create(1), update(9)), record("f", "2", create(1))] })).toEqual([
    "unasked",
    "unasked",
  ]);
});
