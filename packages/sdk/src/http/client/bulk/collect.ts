import type { BulkKind, BulkOperation } from "../../../connector/bulk.ts";
import { httpError } from "../../errors.ts";
import type { ResourceAccess } from "../resource-access.ts";
import { Collector } from "./collector.ts";
import { sendBatch } from "./send-batch.ts";
import type { Item } from "./collector.ts";

/** The collector of this operation in this place; made when there is none. */
export function collectorOf(access: ResourceAccess, many: BulkOperation, kind: BulkKind): Collector {
  const path = access.bulkPaths[kind];
  if (path === undefined)
    throw httpError("CLIENT_CONNECTION_INVALID", `${access.label}.${kind}Many: the connector declares no such operation.`);
  const name = `${kind} ${path}`;
  const known = access.collectors.get(name);
  if (known !== undefined) return known;
  const collector: Collector = new Collector({
    kind,
    many,
    clock: access.clock,
    send: sendBatch({ access, kind, many, path }),
    onIdle: () => void access.collectors.delete(name),
  });
  access.collectors.set(name, collector);
  return collector;
}

/** Writes one item by a call that it shares with others. Resolves with its record. */
export function writeCollected(access: ResourceAccess, many: BulkOperation, kind: BulkKind, item: Omit<Item, "bytes">): Promise<unknown> {
  const bytes = many.mostBytes === undefined ? 0 : Buffer.byteLength(JSON.stringify([item.id, item.fields, item.key]));
  return collectorOf(access, many, kind).write({ ...item, bytes });
}
