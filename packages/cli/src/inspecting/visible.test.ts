import { expect, test } from "vitest";
import { tableOf } from "./print.ts";
import { visible } from "./visible.ts";

test("what a provider writes moves no cursor, fills no clipboard and turns no line", () => {
  expect(visible("Ada\u001b[2K\u001b]52;c;ZXZpbA==\u0007 \u202egnp.exe\u009b1m")).toBe(
    "Ada\\u001b[2K\\u001b]52;c;ZXZpbA==\\u0007 \\u202egnp.exe\\u009b1m",
  );
  expect(visible("Zoë 😀\tשלום\nsecond line")).toBe("Zoë 😀\tשלום\nsecond line");
});

test("a line end in a cell begins no row", () => {
  expect(tableOf(["id", "state"], [["a\nb  delivered", "\u001b[8mdead"]], "").split("\n")).toEqual([
    "id               state",
    "a\\nb  delivered  \\u001b[8mdead",
  ]);
});
