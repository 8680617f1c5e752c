import { describe, expect, test } from "vitest";
import { listAdminTokens, recognizeAdminToken } from "./admin-token.ts";

describe("the admin token", () => {
  test("is any of those given, while one is rotated, and nothing else", () => {
    const recognize = recognizeAdminToken(listAdminTokens(["the-new-token-of-all", "the-old-token-of-all"]));
    const asked = [
      "Bearer the-new-token-of-all",
      "Bearer the-old-token-of-all",
      "Bearer the-new-token-of-al",
      "the-old-token-of-all",
      "Bearer ",
      "",
    ];
    expect(asked.map((authorization) => recognize(authorization)?.actor)).toEqual([
      "admin",
      "admin",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(recognizeAdminToken(listAdminTokens("only-one-token-of-all"))("Bearer only-one-token-of-all")?.role).toBe("admin");
  });

  test("lets nobody in where there is none", () => {
    expect(recognizeAdminToken([])("Bearer ")).toBeUndefined();
  });
});
