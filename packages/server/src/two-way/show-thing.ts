import type { LinkState, SideName } from "@belay/sdk/two-way";
import type { Side } from "./find-sides.ts";
import { readThing, type WriteDeskParts } from "./open-thing.ts";
import type { SideRecord } from "./protocol.ts";
import { listLinks, readLinks, type ShownLink } from "./store.ts";
import type { LinkKey, MergedSide } from "./types.ts";

/** What a side has of a thing. */
export interface ShownSideRecord extends Pick<Side, "connection" | "resource"> {
  /** The id in its system. */
  readonly externalId: string;
  /** null: it is deleted there. */
  readonly data: unknown;
  /** As its source counts it. */
  readonly version: number | null;
  /** Whether just this was merged; if not, it is to be. */
  readonly merged: boolean;
}

/** A thing with what both sides have of it. */
export interface ShownThing extends Omit<ShownLink, SideName> {
  readonly a: ShownSideRecord | null;
  readonly b: ShownSideRecord | null;
  /** What both have, or get, by the last merge; null: it was never merged, or is deleted. */
  readonly holds: unknown;
  /** Fields that wait for somebody's decision. */
  readonly held: readonly string[];
}

/** Reads a thing of a two-way sync; undefined where there is none. Its sides are null as long as the tenant's connections do not say which they are. */
export async function showThing(parts: Pick<WriteDeskParts, "db" | "cipher" | "catalog">, key: LinkKey): Promise<ShownThing | undefined> {
  const [link] = await listLinks(parts.db, key, "", 1);
  const definition = parts.catalog.twoWays.get(key.twoWay);
  if (link === undefined || definition === undefined) return undefined;
  const merged = (await readLinks(parts.db, key, [key.record])).get(key.record);
  const opened = await readThing(parts, definition, key, "a");
  if (opened === undefined || merged === undefined) return { ...link, a: null, b: null, holds: null, held: [] };
  const { request, sides } = opened;
  // Written by whoever merged it, and sealed.
  const state = request.state === null ? null : (JSON.parse(request.state) as LinkState);
  const of = (side: SideName): ShownSideRecord | null => toShown(sides[side], request[side], merged[side]);
  return { ...link, a: of("a"), b: of("b"), holds: state?.base ?? null, held: state?.held ?? [] };
}

function toShown({ connection, resource }: Side, record: SideRecord | null, merged: MergedSide): ShownSideRecord | null {
  if (record === null) return null;
  const { externalId, data, version, position } = record;
  return {
    connection,
    resource,
    externalId,
    data: data === null ? null : (JSON.parse(data) as unknown),
    version,
    merged: merged.id === externalId && merged.position === position,
  };
}
