import { expect, test } from "vitest";
import type { TokenEntry } from "../../test/oauth/ledger.ts";
import { compareLedgers, type Standing } from "./compare-ledgers.ts";

const entry = (shown: string, outcome: TokenEntry["outcome"], answered = true): TokenEntry => ({
  grantType: "refresh_token",
  grantId: "g",
  shown,
  outcome,
  error: undefined,
  at: 0,
  answered,
});
const standing = (changes: Partial<Standing> = {}): Standing => ({
  connection: "c",
  version: 3,
  state: "connected",
  code: null,
  ...changes,
});
const compare = (
  entries: readonly TokenEntry[],
  changes: Partial<Standing> = {},
  interrupted: readonly { connection: string; version: number }[] = [],
) => compareLedgers(entries, [standing(changes)], new Map([["c", "g"]]), interrupted);
const lost = { state: "needs_reconnect", code: "CREDENTIAL_ANSWER_LOST", version: 2 };
const consumed = [entry("a", "granted"), entry("b", "granted"), entry("b", "reused")];

test("one refresh for each token is as it should be", () => {
  expect(compare([entry("a", "granted"), entry("b", "granted")])).toEqual({
    figures: { expiries: 2, refreshes: 2, extraRefreshes: 0, grantsLost: 0, grantsLostUnexplained: 0 },
    violations: [],
  });
});

test("a token that is shown twice without need is one refresh too many", () => {
  expect(compare([entry("a", "granted"), entry("b", "granted"), entry("b", "reused")])).toMatchObject({
    figures: { extraRefreshes: 1 },
    violations: [expect.stringContaining("one too many")],
  });
});

test("a grant whose answer never arrived is explained by the kill, or by the connection that was cut", () => {
  expect(compare(consumed, lost, [{ connection: "c", version: 2 }])).toMatchObject({
    figures: { grantsLost: 1, extraRefreshes: 0 },
    violations: [],
  });
  expect(compare([entry("a", "granted"), entry("b", "granted", false), entry("b", "reused")], lost)).toMatchObject({ violations: [] });
});

test("a grant that is lost without either is a violation, and so is one that was never consumed", () => {
  expect(compare(consumed, lost)).toMatchObject({ figures: { grantsLostUnexplained: 1 } });
  expect(compare([entry("a", "granted")], lost, [{ connection: "c", version: 2 }]).violations).not.toEqual([]);
  expect(compare(consumed, { version: 2 }).violations).not.toEqual([]);
});
