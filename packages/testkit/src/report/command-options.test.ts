import { expect, test } from "vitest";
import { parseCommandOptions } from "./command-options.ts";

test("without options everything is off and the seed is drawn", () => {
  expect(parseCommandOptions([], {}, () => 7)).toEqual({ json: false, quick: false, keep: false, seed: 7 });
});

test("a drawn seed can be given again", () => {
  const { seed } = parseCommandOptions([]);
  expect(parseCommandOptions(["--seed", String(seed)]).seed).toBe(seed);
});

test("common and own options are read with their types", () => {
  const options = parseCommandOptions(["--json", "--quick", "--keep", "--seed", "42", "--messages=500", "--only", "zendesk"], {
    messages: "number",
    only: "string",
    verbose: "boolean",
  });
  expect(options).toEqual({ json: true, quick: true, keep: true, seed: 42, messages: 500, only: "zendesk" });
  expect(options.verbose).toBeUndefined();
});

test.each([
  [["--jsno"], "Known options: --json"],
  [["extra"], "extra"],
  [["--seed"], "seed"],
  [["--seed", "soon"], "--seed takes a number"],
  [["--seed", ""], "--seed takes a number"],
  [["--seed", "1.5"], "--seed takes a whole number"],
  [["--seed=-1"], "--seed takes a whole number"],
])("%j is refused with a hint", (args, hint) => {
  const refusal = expect.objectContaining({ code: "REPORT_OPTION_INVALID", message: expect.stringContaining(hint) });
  expect(() => parseCommandOptions(args)).toThrow(refusal);
});
