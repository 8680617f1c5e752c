import { expect, test } from "vitest";
import { encodeForm } from "./form.ts";

test("fields become a form, members in brackets, null empty, undefined left out", () => {
  const text = encodeForm({ name: "Ann & Co", metadata: { plan: "pro" }, items: ["a", { b: 1 }], phone: null, email: undefined });
  expect([...new URLSearchParams(text)]).toEqual([
    ["name", "Ann & Co"],
    ["metadata[plan]", "pro"],
    ["items[0]", "a"],
    ["items[1][b]", "1"],
    ["phone", ""],
  ]);
});
