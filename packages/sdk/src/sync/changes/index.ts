/**
 * What has changed at a provider since the last walk, and how far one knows it.
 *
 * - watermark: the provider's time up to which every change is known.
 *
 * Invariant: nothing advances past what a walk has proven.
 *
 * @module
 */
export { nextWalkOf } from "./next-walk.ts";
export type { NextWalk, NextWalkOptions, SyncPosition, WhyFull } from "./next-walk.ts";
export { advanceWatermark, sinceText } from "./watermark.ts";
export { readTime, writeTime } from "./times.ts";
