/**
 * What tests, demos and benchmarks run against.
 *
 * @module
 */
export * from "./simulator/index.ts";
