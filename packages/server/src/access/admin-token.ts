import { createHash, timingSafeEqual } from "node:crypto";
import { administrator, type Principal } from "./principal.ts";

/**
 * Tells whether an Authorization header holds the admin token. Digests are compared, so that neither the length nor a beginning that is right shows in the time it takes.
 *
 * @returns the principal, or `undefined` for anything else.
 */
export function recognizeAdminToken(adminToken: string): (authorization: string) => Principal | undefined {
  const expected = digest(`Bearer ${adminToken}`);
  return (authorization) => (timingSafeEqual(digest(authorization), expected) ? administrator : undefined);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
