/**
 * The HTTP server and the administrator's API.
 *
 * Tables owned: idempotency.
 *
 * Invariants: every route needs a token except the ingest URLs; every refusal is a problem document (RFC 9457); what is answered fits the schemas
 * of the OpenAPI document.
 *
 * @module
 */
export { createServer } from "./create-server.ts";
export { apiJobs } from "./jobs.ts";
export { registerApi } from "./routes.ts";
export type { ApiParts } from "./scope.ts";
