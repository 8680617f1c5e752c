import { expect, test } from "vitest";
import { readPauseMs } from "./rate-limits.ts";

test.each<[number, Record<string, string>, number]>([
  [200, {}, 0],
  [200, { "x-sentry-rate-limits": "60:error:organization" }, 60_000],
  [200, { "x-sentry-rate-limits": "60:transaction;session:key, 2700:default;error;security:organization" }, 2_700_000],
  [200, { "x-sentry-rate-limits": "30::organization" }, 30_000],
  [200, { "x-sentry-rate-limits": "50:replay:organization:quota" }, 0],
  // The finer header decides where both are there.
  [429, { "x-sentry-rate-limits": "50:replay:organization", "retry-after": "9" }, 0],
  [429, { "retry-after": "9" }, 9_000],
  [429, {}, 60_000],
  [429, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, 60_000],
  [503, { "retry-after": "9" }, 0],
])("%s with %o asks for a pause of %s ms", (status, headers, pauseMs) => {
  expect(readPauseMs(status, new Headers(headers))).toBe(pauseMs);
});
