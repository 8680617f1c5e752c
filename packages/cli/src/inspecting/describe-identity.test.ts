import type { ApiMatchReview, ApiRecord } from "@belay/sdk/client";
import { expect, test } from "vitest";
import { describeReview } from "./describe-identity.ts";

test("a record that was linked stands beside what it was linked to, and not beside itself", () => {
  const at = "2026-03-01T12:00:00.000Z";
  const record = {
    id: "rec_1",
    connection: "acme-desk",
    resource: "user",
    externalId: "7",
    data: { name: "G. Hopper" },
  } as unknown as ApiRecord;
  const other = {
    id: "rec_1",
    connection: "acme-crm",
    resource: "contact",
    externalId: "9",
    data: { name: "Grace Hopper" },
  } as unknown as ApiRecord;
  const candidates = [{ id: "rec_1", score: 0.75, agreesOn: ["phone"] }];
  const decided = { state: "linked", why: "weak", decidedBy: "admin", decidedAt: at };
  const review = { ...record, ...decided, id: 1, at, candidates } as unknown as ApiMatchReview;
  const shown = describeReview({ review, record, candidates: [{ id: "rec_1", records: [other, record] }] }, "acme");
  expect(shown).toMatch(/^ +user 7 at acme-desk +contact 9 at acme-crm$/m);
});
