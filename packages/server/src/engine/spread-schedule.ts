/** How often something runs that nobody has pinned to a time. */
export type Period = "hour" | "day";

const minutes = 59;

/**
 * When something runs, spread over its period by what it is called: the same for the same name, and never at the top of the hour, when everybody's jobs and many a provider's
 * limits begin anew.
 *
 * @param key Different for each schedule: a job's name, or tenant, connection and flow.
 * @returns Minute, hour, day of month, month, day of week, for UTC.
 */
export function spreadSchedule(key: string, period: Period): string {
  const hash = hashOf(key);
  const minute = 1 + (hash % minutes);
  return period === "hour" ? `${minute} * * * *` : `${minute} ${Math.floor(hash / minutes) % 24} * * *`;
}

/** FNV-1a, and a last mixing: without it keys that differ in their last character only would lie side by side. */
function hashOf(key: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
