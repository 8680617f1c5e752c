import { BelayError, valueAt } from "@belay/sdk";
import type { Clock } from "../telemetry/index.ts";
import { askProvider } from "./ask-provider.ts";
import type { Covered } from "./find-mapping.ts";
import type { Providers } from "./open-providers.ts";
import type { UnifiedView } from "./view.ts";

export interface LiveParts {
  readonly providers: Providers;
  readonly clock: Clock;
}

export type Place = Readonly<Record<string, string>>;

/**
 * One record as the provider has it now; undefined where it has none, or one that is none of the model's.
 *
 * @throws `UNIFIED_NOT_COVERED` where the provider cannot be asked for one record, and what `askProvider` throws.
 */
export async function readLive(
  { providers, clock }: LiveParts,
  covered: Covered,
  place: Place,
  id: string,
): Promise<UnifiedView | undefined> {
  return await askProvider({ now: clock.now() }, async () => {
    const { get } = await providers(covered, place);
    if (get === undefined) throw notCovered(covered, "cannot be read one by one");
    const record = await get(id);
    return record === undefined ? undefined : toLiveView(clock, covered, record);
  });
}

/**
 * The first records of the provider's own listing, in its own order; those that are none of the model's are passed over.
 *
 * @throws `UNIFIED_NOT_COVERED` where the provider has no listing, and what `askProvider` throws.
 */
export async function listLive({ providers, clock }: LiveParts, covered: Covered, place: Place, limit: number): Promise<UnifiedView[]> {
  return await askProvider({ now: clock.now() }, async () => {
    const { list } = await providers(covered, place);
    if (list === undefined) throw notCovered(covered, "cannot be listed");
    const views: UnifiedView[] = [];
    for await (const record of list()) {
      const view = toLiveView(clock, covered, record);
      if (view !== undefined) views.push(view);
      if (views.length >= limit) break;
    }
    return views;
  });
}

/** A record that the provider has just given. */
export function toLiveView(clock: Clock, { connection, connector, mapping }: Covered, record: unknown): UnifiedView | undefined {
  const data = mapping(record as never, {});
  if (data === undefined) return undefined;
  const { resource } = mapping;
  const externalId = String(valueAt(record, connector.resources[resource]?.id ?? "id"));
  const url = mapping.url(record as never, connection.settings ?? {}) ?? null;
  return {
    id: null,
    data,
    source: { provider: connector.id, connection: connection.id, resource, externalId, url },
    mapping: mapping.version,
    readAt: new Date(clock.now()).toISOString(),
    ageSeconds: 0,
    stale: false,
    live: true,
  };
}

export function notCovered({ connector, mapping }: Covered, what: string): BelayError {
  return new BelayError("UNIFIED_NOT_COVERED", `${connector.title}: records of ${mapping.resource} ${what} through this connector.`);
}
