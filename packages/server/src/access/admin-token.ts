import { createHash, timingSafeEqual } from "node:crypto";
import { administrator, type Principal } from "./principal.ts";

/**
 * Tells whether an Authorization header holds one of the admin tokens. Digests are compared, and always with all of them, so that neither the length nor a beginning that
 * is right shows in the time it takes.
 *
 * @returns the principal, or `undefined` for anything else.
 */
export function recognizeAdminToken(adminTokens: readonly string[]): (authorization: string) => Principal | undefined {
  const expected = adminTokens.map((token) => digest(`Bearer ${token}`));
  return (authorization) => {
    const given = digest(authorization);
    const matches = expected.filter((each) => timingSafeEqual(given, each));
    return matches.length > 0 ? administrator : undefined;
  };
}

/** The admin tokens of an option that takes one or several: while one is rotated, both work. */
export function listAdminTokens(adminToken: string | readonly string[]): readonly string[] {
  return typeof adminToken === "string" ? [adminToken] : adminToken;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
