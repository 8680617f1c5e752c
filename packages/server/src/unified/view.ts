import type { Clock } from "../telemetry/index.ts";

/** Where a record comes from. */
export interface ViewSource {
  /** The connector's id. */
  readonly provider: string;
  readonly connection: string;
  readonly resource: string;
  /** The provider's id. */
  readonly externalId: string;
  /** Where people see it; null: nobody knows. */
  readonly url: string | null;
}

/** A record as it is given out. */
export interface UnifiedView {
  /** The canonical id; null: it is not kept. */
  readonly id: string | null;
  readonly data: unknown;
  readonly source: ViewSource;
  /** The version of the mapping. */
  readonly mapping: string | null;
  /** When the provider was last known to have it like this, ISO 8601. */
  readonly readAt: string | null;
  /** Seconds since; null: nobody knows. */
  readonly ageSeconds: number | null;
  /** Older than the caller's bound, or of unknown age. */
  readonly stale: boolean;
  readonly live: boolean;
}

/** How old something is, judged by a bound in seconds. */
export function ageOf(clock: Clock, readAt: string | null, maxAgeSeconds: number): Pick<UnifiedView, "readAt" | "ageSeconds" | "stale"> {
  if (readAt === null) return { readAt, ageSeconds: null, stale: true };
  const ageSeconds = Math.max(0, Math.round((clock.now() - Date.parse(readAt)) / 1_000));
  return { readAt, ageSeconds, stale: ageSeconds > maxAgeSeconds };
}
