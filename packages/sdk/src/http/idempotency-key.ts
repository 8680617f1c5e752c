import type { Layer } from "./outbound.ts";

/** Sets the provider's idempotency header, once for all attempts. @see draft-ietf-httpapi-idempotency-key-header-07 */
export const idempotencyKey: Layer = (next) => (request) => {
  const write = request.write;
  if (write?.safety.kind === "key") request.headers[write.safety.header.toLowerCase()] = write.key;
  return next(request);
};
