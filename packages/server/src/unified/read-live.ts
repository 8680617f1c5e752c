import { BelayError, valueAt } from "@belay/sdk";
import type { Clock } from "../telemetry/index.ts";
import { type AskingParts, askProvider } from "./ask-provider.ts";
import type { Covered } from "./find-mapping.ts";
import type { Providers } from "./open-providers.ts";
import type { UnifiedView } from "./view.ts";

export interface LiveParts extends AskingParts {
  readonly providers: Providers;
  /** What the connection's tenant says of the mapping. */
  readonly settingsOf: (covered: Covered) => Promise<unknown>;
}

export type Place = Readonly<Record<string, string>>;

/**
 * One record as the provider has it now; undefined where it has none, or one that is none of the model's.
 *
 * @throws `UNIFIED_NOT_COVERED` where the provider cannot be asked for one record, and what `askProvider` throws.
 */
export async function readLive(parts: LiveParts, covered: Covered, place: Place, id: string): Promise<UnifiedView | undefined> {
  const view = await viewer(parts, covered);
  return await askProvider(parts, covered, async () => {
    const { get } = await parts.providers(covered, place);
    if (get === undefined) throw notCovered(covered, "cannot be read one by one");
    const record = await get(id);
    return record === undefined ? undefined : view(record);
  });
}

/**
 * The first records of the provider's own listing, in its own order; those that are none of the model's are passed over.
 *
 * @throws `UNIFIED_NOT_COVERED` where the provider has no listing, and what `askProvider` throws.
 */
export async function listLive(parts: LiveParts, covered: Covered, place: Place, limit: number): Promise<UnifiedView[]> {
  const view = await viewer(parts, covered);
  return await askProvider(parts, covered, async () => {
    const { list } = await parts.providers(covered, place);
    if (list === undefined) throw notCovered(covered, "cannot be listed");
    const views: UnifiedView[] = [];
    for await (const record of list()) {
      const seen = view(record);
      if (seen !== undefined) views.push(seen);
      if (views.length >= limit) break;
    }
    return views;
  });
}

/** Makes views of records that the provider has just given, as the connection's tenant wants them mapped. */
export async function viewer(
  { clock, settingsOf }: Pick<LiveParts, "clock" | "settingsOf">,
  covered: Covered,
): Promise<(record: unknown) => UnifiedView | undefined> {
  const settings = await settingsOf(covered);
  return (record) => toLiveView(clock, covered, record, settings);
}

function toLiveView(
  clock: Clock,
  { connection, connector, mapping }: Covered,
  record: unknown,
  settings: unknown,
): UnifiedView | undefined {
  const data = mapping(record as never, { settings });
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
