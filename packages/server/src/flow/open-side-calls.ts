import type { AnyConnector, Connection, Resource, Sync } from "@belay/sdk";
import { type ClientPorts, createClient } from "@belay/sdk/http";
import { mappingOf } from "@belay/sdk/two-way";
import type { SideCalls } from "./side-writer.ts";

/** The calls of the resource that a sync reads; its create is the mapping's own, where that has one, and each write is sent by itself. */
export function openSideCalls(
  connector: AnyConnector,
  connection: Connection,
  sync: Sync,
  ports: ClientPorts,
  place: Readonly<Record<string, string | number>> | undefined,
): SideCalls {
  const name = sync.source.resource;
  const declared: Resource | undefined = connector.resources[name];
  if (declared === undefined) return {};
  const { createMany: _create, updateMany: _update, ...single } = declared;
  const create = mappingOf(sync)?.create;
  const resource: Resource = { ...single, ...(create && { create }) };
  const client = createClient({ ...connector, resources: { [name]: resource } }, connection, ports);
  // Made from the very resource above; what it declares is asked for before it is called.
  const calls = (client as unknown as Readonly<Record<string, SideCalls & { readonly in?: (place: object) => SideCalls }>>)[name];
  return (place === undefined ? calls : calls?.in?.(place)) ?? {};
}
