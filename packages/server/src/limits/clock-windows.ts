/** A window of a limit that begins by the clock. */
export interface ClockWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

const dayMs = 86_400_000;

/** The window of this length that the time lies in, by the clock of a time zone. Days have 23 or 25 hours where clocks are changed. */
export function windowAt(atMs: number, perMs: number, zone: string): ClockWindow {
  const fromMs = beginOf(atMs, perMs, zone);
  // In the middle of the next one, wherever the change of clocks has moved it.
  const untilMs = perMs < dayMs ? fromMs + perMs : beginOf(fromMs + perMs * 1.5, perMs, zone);
  return { fromMs, untilMs };
}

function beginOf(atMs: number, perMs: number, zone: string): number {
  const offset = offsetAt(atMs, zone);
  const localBegin = Math.floor((atMs + offset) / perMs) * perMs;
  if (perMs < dayMs) return localBegin - offset;
  // Midnight may have been on the other side of a change of clocks.
  return localBegin - offsetAt(localBegin - offset, zone);
}

/** How far local time runs ahead of UTC, ms. */
function offsetAt(atMs: number, zone: string): number {
  if (zone === "UTC") return 0;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1_000) * 1_000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const two = "2-digit";
  return new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
  });
}
