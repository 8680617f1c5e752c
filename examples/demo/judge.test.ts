import { expect, test } from "vitest";
import type { TargetRecord } from "./check.ts";
import { judge } from "./judge.ts";
import type { Outcome } from "./judge.ts";
import type { DeliveryKind, Receipt } from "./traffic/index.ts";

const receipt = (kind: DeliveryKind, outcome: string, version = 1): Receipt => ({
  delivery: {
    kind,
    endpoint: "e",
    event: { id: "1", type: "issues", body: "{}", ...(kind !== "unheard" && { effect: { entity: "acme/flow/a", version } }) },
    compose: () => Promise.reject(new Error("not sent here")),
  },
  status: Number(outcome.slice(0, 3)) || 202,
  outcome,
  resent: 0,
});
const written = (...versions: number[]): TargetRecord => ({
  entity: "acme/flow/a",
  id: "1",
  writes: versions.map((version, index) => ({
    version,
    operation: index === 0 ? "create" : "update",
    idempotencyKey: undefined,
    changed: true,
  })),
});
const outcome = (changes: Partial<Outcome>): Outcome => ({
  receipts: [],
  records: [],
  deadLetters: [],
  waiting: 0,
  failures: 0,
  seconds: 1,
  ...changes,
});

test("an honest run is ok and its figures add up", () => {
  const receipts = [
    receipt("genuine", "accepted"),
    receipt("genuine", "accepted", 2),
    receipt("repeated", "duplicate"),
    receipt("unheard", "ignored"),
    receipt("forged", "401 INGRESS_SIGNATURE_WRONG"),
    receipt("malformed", "quarantined"),
  ];
  const judgement = judge(outcome({ receipts, records: [written(1, 2)], failures: 3 }));
  expect(judgement.ok).toBe(true);
  expect(judgement.figures).toEqual({
    received: 6,
    rejected: 1,
    unique: 2,
    retried: 3,
    deadLettered: 0,
    delivered: 2,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    seconds: 1,
  });
  expect(judgement.rejectedBy).toEqual({ "401 INGRESS_SIGNATURE_WRONG": 1 });
  expect(judgement.acknowledgedAs).toEqual({ accepted: 2, duplicate: 1, ignored: 1, quarantined: 1 });
});

test("an event whose only answer was that it is a duplicate must be delivered too", () => {
  expect(judge(outcome({ receipts: [receipt("genuine", "duplicate")] })).figures.lost).toBe(1);
});

test("a dead letter explains what is missing", () => {
  const deadLetters = [{ id: 1, tenant: "acme", flow: "flow", orderKey: "a", code: "ZENDESK_RECORD_INVALID" }];
  const judgement = judge(outcome({ receipts: [receipt("genuine", "accepted")], deadLetters }));
  expect([judgement.ok, judgement.figures.deadLettered, judgement.deadLetteredBy]).toEqual([true, 1, { ZENDESK_RECORD_INVALID: 1 }]);
});

test("believing a forged delivery and refusing a genuine one are violations", () => {
  const judgement = judge(
    outcome({ receipts: [receipt("forged", "accepted", 9), receipt("genuine", "422 INGRESS_BODY_INVALID")], records: [written(9)] }),
  );
  expect(judgement.ok).toBe(false);
  expect(judgement.violations.map(({ kind }) => kind).toSorted()).toEqual(["believed", "refused", "unasked"]);
});
