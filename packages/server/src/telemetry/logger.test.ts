import { expect, test } from "vitest";
import { describeError } from "./logger.ts";

test("a log knows an error's name, code, message, stack and causes, and nothing that hangs on it", () => {
  const client = { connectionParameters: { password: "canary" }, secretKey: 4711 };
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", client });
  const described = describeError(Object.assign(new Error("The settlement failed.", { cause }), { client }));
  expect(described).toMatchObject({
    name: "Error",
    message: "The settlement failed.",
    cause: { code: "ECONNRESET", message: "read ECONNRESET" },
  });
  expect(JSON.stringify(described)).not.toMatch(/canary|4711|connectionParameters/);
  expect(describeError({ password: "canary" })).toBe("object");
});
