import type { ChangesByField } from "../../connector/changes.ts";
import type { Filter } from "../../connector/listing.ts";
import { toMs } from "../../duration.ts";
import { writeTime } from "./times.ts";

const defaultLookbackMs = 300_000;

const defaultGranularityMs = 1_000;

/**
 * The value of the filter that asks for everything that may have changed since the watermark: what has the watermark's own time is read again,
 * for two changes may share it, and so is what is a little older, for it may have shown late.
 */
export function sinceText(by: ChangesByField, filter: Filter | undefined, watermarkMs: number): string {
  const lookbackMs = by.lookback === undefined ? defaultLookbackMs : toMs(by.lookback);
  const stepMs = by.granularity === undefined ? defaultGranularityMs : toMs(by.granularity);
  const from = Math.floor((watermarkMs - lookbackMs) / stepMs) * stepMs;
  // A filter that leaves out the value itself has to be given one before it.
  return writeTime(Math.max(0, filter?.test === "above" ? from - stepMs : from), by.format);
}

/**
 * The watermark after a walk that came to its proven end: the newest time that it saw, but never one after its own beginning. A record that
 * was read early in the walk may have changed since, at a time before the newest; and a clock that runs ahead must not hide what comes after.
 */
export function advanceWatermark(beforeMs: number | undefined, newestMs: number | undefined, startedAtMs: number): number | undefined {
  if (newestMs === undefined) return beforeMs;
  const provenMs = Math.min(newestMs, startedAtMs);
  return beforeMs === undefined ? provenMs : Math.max(beforeMs, provenMs);
}
