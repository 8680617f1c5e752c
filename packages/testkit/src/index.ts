/**
 * What tests, demos and benchmarks run against, and how they tell their result.
 *
 * @module
 */
export * from "./report/index.ts";
export * from "./reproduction/index.ts";
export * from "./simulation/index.ts";
export * from "./simulator/index.ts";
export * from "./trial/index.ts";
