import type { TimeFormat } from "../../connector/changes.ts";

/** A provider's time in milliseconds since the epoch; undefined where it is none. */
export function readTime(value: unknown, format: TimeFormat = "iso"): number | undefined {
  const isText = typeof value === "string" && value !== "";
  const number = typeof value === "number" ? value : isText && /^\d{1,16}$/.test(value) ? Number(value) : undefined;
  if (format === "seconds") return number === undefined ? undefined : number * 1_000;
  if (format === "milliseconds") return number;
  const ms = isText ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** A time as the provider writes it; what is finer than the format is cut off. */
export function writeTime(ms: number, format: TimeFormat = "iso"): string {
  switch (format) {
    case "seconds":
      return String(Math.floor(ms / 1_000));
    case "milliseconds":
      return String(Math.floor(ms));
    case "iso-seconds":
      return `${new Date(ms).toISOString().slice(0, 19)}Z`;
    case "iso":
      return new Date(ms).toISOString();
  }
}
