import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideMatch, matchKeys, standardRules } from "./index.ts";
import type { MatchCandidate } from "./index.ts";

const candidate = (id: string, agreesOn: readonly string[], isTaken = false): MatchCandidate => ({ id, agreesOn, isTaken });

describe("who a new record is", () => {
  test("is somebody known where the e-mail address is the same, and nobody where nothing is", () => {
    expect(decideMatch([candidate("rec_1", ["email"])], standardRules)).toEqual({
      kind: "linked",
      id: "rec_1",
      score: 0.95,
      on: ["email"],
    });
    expect(decideMatch([], standardRules)).toEqual({ kind: "new" });
    expect(decideMatch([candidate("rec_1", ["shoe-size"])], standardRules)).toEqual({ kind: "new" });
  });

  test("is asked where only a telephone is the same, and not where the domain is, too", () => {
    expect(decideMatch([candidate("rec_1", ["phone"])], standardRules)).toMatchObject({ kind: "ambiguous", why: "weak" });
    expect(decideMatch([candidate("rec_1", ["phone", "domain"])], standardRules)).toMatchObject({ kind: "linked", score: 0.9 });
  });

  test("is asked where two are as good, and where the connection has one of it already", () => {
    const two = [candidate("rec_2", ["email"]), candidate("rec_1", ["email"])];
    expect(decideMatch(two, standardRules)).toMatchObject({
      kind: "ambiguous",
      why: "several",
      candidates: [{ id: "rec_1" }, { id: "rec_2" }],
    });
    expect(decideMatch([candidate("rec_1", ["email"], true)], standardRules)).toMatchObject({ kind: "ambiguous", why: "taken" });
  });

  test("is the one whose id the record names, whoever else looks like it", () => {
    const found = decideMatch([candidate("rec_1", ["email", "phone"]), candidate("rec_2", ["external"])], standardRules);
    expect(found).toMatchObject({ kind: "linked", id: "rec_2" });
  });

  test("does not depend on the order of what is known, and one more reason never makes it less sure", () => {
    const kinds = fc.subarray(["external", "email", "phone", "domain", "other"]);
    const candidates = fc.uniqueArray(fc.record({ id: fc.stringMatching(/^rec_[a-f]{1,4}$/), agreesOn: kinds, isTaken: fc.boolean() }), {
      selector: ({ id }) => id,
      maxLength: 6,
    });
    fc.assert(
      fc.property(candidates, fc.infiniteStream(fc.nat()), (known, keys) => {
        const shuffled = known.map((each) => ({ each, key: keys.next().value })).toSorted((a, b) => a.key - b.key);
        const outcome = decideMatch(known, standardRules);
        expect(
          decideMatch(
            shuffled.map(({ each }) => each),
            standardRules,
          ),
        ).toEqual(outcome);
        if (outcome.kind !== "linked") return;
        const surer = known.map((each) => (each.id === outcome.id ? { ...each, agreesOn: [...each.agreesOn, "external"] } : each));
        const again = decideMatch(surer, standardRules);
        expect([outcome.id, "ambiguous"]).toContain(again.kind === "linked" ? again.id : again.kind);
      }),
    );
  });
});

describe("match keys", () => {
  test("are the same for what people write in many ways", () => {
    const one = matchKeys({
      emails: ["Ada@Example.COM "],
      phones: ["044 668 18 00"],
      country: "CH",
      domains: ["https://www.acme.example/about"],
    });
    const other = matchKeys({ emails: ["ada@example.com"], phones: ["+41 44 668 18 00"], domains: ["ACME.example"] });
    expect(one).toEqual(other);
    expect(one.map(({ kind }) => kind)).toEqual(["email", "phone", "domain"]);
  });

  test("are none for what cannot be read, and one for what is there twice", () => {
    expect(matchKeys({ emails: ["nobody", null, ""], phones: ["12"], domains: [undefined] })).toEqual([]);
    expect(matchKeys({ emails: ["a@example.com", "A@example.com"] })).toHaveLength(1);
    expect(matchKeys({ external: [{ system: "crm", id: "7" }] })).toEqual([{ kind: "external", value: "crm\n7" }]);
  });
});
