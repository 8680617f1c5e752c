import { expect, test } from "vitest";
import { z } from "zod";
import { validate } from "./index.ts";

test("issues name each member that is unknown, of another type or not allowed", async () => {
  const schema = z.strictObject({ size: z.number().max(9), inner: z.strictObject({ name: z.string() }) });
  expect(await validate(schema, { size: 10, inner: { name: 1, a: 1, b: 2 }, other: true })).toMatchObject({
    issues: [
      { path: "size" },
      { path: "inner.name", problem: "type" },
      { path: "inner.a", problem: "unknown" },
      { path: "inner.b", problem: "unknown" },
      { path: "other", problem: "unknown" },
    ],
  });
});
