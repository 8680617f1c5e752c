const minuteMs = 60_000;

/**
 * When a sync is due next: always at the same place of its period, drawn from its key, so that many lie evenly over it. Never in the first minute of an hour, where everybody's
 * jobs and many a provider's limits begin anew; that wants a period of more than two minutes, which divides hours or is divided by them.
 *
 * @param place A number drawn from the key, from 0 on.
 */
export function nextDueMs(nowMs: number, everyMs: number, place: number): number {
  const period = Math.max(1_000, everyMs);
  const free = period > 2 * minuteMs ? minuteMs : 0;
  const inHour = 60 * minuteMs;
  // Of longer periods the place in the hour has to be free as well.
  const offset = period <= inHour ? free + (place % (period - free)) : longOffset(place, period, inHour);
  const next = Math.floor((nowMs - offset) / period) * period + period + offset;
  return next;
}

function longOffset(place: number, period: number, inHour: number): number {
  const hours = Math.max(1, Math.floor(period / inHour));
  const usable = inHour - minuteMs;
  return (Math.floor(place / usable) % hours) * inHour + minuteMs + (place % usable);
}
