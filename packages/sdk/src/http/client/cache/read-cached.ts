import { isBelayError } from "../../../errors/belay-error.ts";
import type { OperationOptions } from "../../../connector/operation.ts";
import { placeNamesOf } from "../../../connector/record-path.ts";
import { resolveBodies } from "../../../formats/index.ts";
import type { Answered } from "../call.ts";
import { checkRecord } from "../decode-record.ts";
import type { ResourceAccess } from "../resource-access.ts";
import type { CacheFound, ConnectionCache } from "./answer-cache.ts";

interface CachedRead {
  readonly label: string;
  readonly declared: OperationOptions | undefined;
  readonly key: string;
  readonly record?: string;
  readonly maxAgeMs: number;
}

/** What came of looking a read up. */
export interface Cached {
  /** Undefined: the provider is to be asked. */
  readonly known?: { readonly value: unknown };
  /** Says what came of asking: others may wait for it. To be called once, whatever happened. */
  land(value: string | null): void;
}

const nobodyWaits = (): void => {};

/** Looks up what the provider was known to have. Where it cannot be understood any more, the provider is asked. Undefined: nothing is kept here. */
export async function openCached(
  access: ResourceAccess,
  read: CachedRead,
  interpret: (answer: Answered) => Promise<unknown>,
): Promise<Cached | undefined> {
  const { cache, name, resource } = access;
  if (cache === undefined) return undefined;
  // Where records live in places, an id alone does not say which one is meant.
  const record = read.record === undefined || placeNamesOf(resource.path).length > 0 ? null : read.record;
  const found = await cache.find({ resource: name, key: read.key, record, maxAgeMs: read.maxAgeMs });
  if (found.kind === "ask") return toAsk(cache, found.flight);
  try {
    return { known: { value: await understand(access, read, found, interpret) }, land: nobodyWaits };
  } catch (error) {
    // The schema has changed since, or the listing has less of a record than this call.
    if (!isBelayError(error)) throw error;
    return { land: nobodyWaits };
  }
}

/** An answer as it was when it came, to be understood by the schema of today. */
export function answerOf(access: ResourceAccess, { declared }: Pick<CachedRead, "declared">, text: string): Answered {
  const { status, body } = JSON.parse(text) as { readonly status: number; readonly body?: unknown };
  return { status, headers: {}, body, bodies: resolveBodies(declared?.bodies, access.bodies) };
}

async function understand(
  access: ResourceAccess,
  read: CachedRead,
  found: Exclude<CacheFound, { kind: "ask" }>,
  interpret: (answer: Answered) => Promise<unknown>,
): Promise<unknown> {
  if (found.kind === "record") return await checkRecord(access.resource, read.label, JSON.parse(found.value));
  return await interpret(answerOf(access, read, found.value));
}

function toAsk(cache: ConnectionCache, flight: number | null): Cached {
  return { land: (value) => (flight === null ? undefined : cache.land(flight, value)) };
}
