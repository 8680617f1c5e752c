/**
 * The HTTP server and the administrator's API.
 *
 * Tables owned: none.
 *
 * Invariants: every route needs a token except the ingest URLs; every refusal is a problem document (RFC 9457).
 *
 * @module
 */
export { createServer } from "./create-server.ts";
export { registerApi } from "./routes.ts";
export type { ApiParts } from "./routes.ts";
