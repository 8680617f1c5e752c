import type { Connection } from "../../config/define-config.ts";
import type { Client } from "../../connector/client-types.ts";
import { isReachedByIdAlone, placeNamesOf, recordPathOf } from "../../connector/record-path.ts";
import type { ConnectorDefinition, Resource } from "../../connector/types.ts";
import { openPipeline } from "../open-pipeline.ts";
import type { ConnectionPorts } from "../open-pipeline.ts";
import { defaultAttemptTimeoutMs, defaultCallTimeoutMs } from "../pipeline.ts";
import { cacheOf } from "./cache/answer-cache.ts";
import type { AnswerCache } from "./cache/answer-cache.ts";
import { endingEntries } from "./cache/end-entries.ts";
import { deleteRecord } from "./delete-record.ts";
import { lastKnownOf } from "./fallback/last-known.ts";
import type { LastKnown } from "./fallback/last-known.ts";
import { withWriteFallback } from "./fallback/write-fallback.ts";
import { listRecords } from "./list-records.ts";
import type { ListQuery } from "./list-records.ts";
import { findRecord, getRecord } from "./read-record.ts";
import { accessIn } from "./resource-access.ts";
import type { ResourceAccess } from "./resource-access.ts";
import { createManyRecords, updateManyRecords, upsertManyRecords } from "./bulk/write-many.ts";
import { createRecord, updateRecord, upsertRecord } from "./write-record.ts";

const bulkKinds = ["create", "update", "upsert"] as const;

/** What a client needs from outside. */
export interface ClientPorts extends ConnectionPorts {
  /** Keeps answers for calls that fall back on the last known one. Default: nothing is kept, and such calls have nothing to fall back on. */
  readonly lastKnown?: LastKnown;
  /** Keeps answers for calls with a `maxAge`. Default: nothing is kept, and every such call asks the provider. */
  readonly cache?: AnswerCache;
}

/**
 * The typed client of one connection: a member per resource, a method per declared operation. Make one per connection and keep
 * it; what can be worked out once is. Calls may run side by side.
 *
 * Inputs are validated before anything is sent, answers before they are given out. Inside `runInOperation` the nth write of a step
 * has the same idempotency key in every attempt, so calling twice has one effect as far as the operation's safety reaches; outside,
 * each write has a random key and stands alone.
 *
 * @throws `CLIENT_CONNECTION_INVALID` when the connection does not fit the connector. Its calls throw the codes of `httpErrors`,
 * those of the connector's `errors`, and what the operation's lease check throws.
 */
export function createClient<D extends ConnectorDefinition>(connector: D, connection: Connection, ports: ClientPorts): Client<D> {
  const accessTo = openAccess(connector, connection, ports);
  const resources = Object.entries(connector.resources).map(([name, resource]) => [
    name,
    reachResource(accessTo(name, resource), resource),
  ]);
  // Made from the very entries that the type is made from; TypeScript cannot follow that through Object.entries.
  return Object.fromEntries(resources) as Client<D>;
}

/** What the calls of one connection share, by resource. */
export function openAccess(
  connector: ConnectorDefinition,
  connection: Connection,
  ports: ClientPorts,
): (name: string, resource: Resource) => ResourceAccess {
  const { base, send } = openPipeline(connector, connection, ports);
  const { callTimeoutMs = defaultCallTimeoutMs, attemptTimeoutMs = defaultAttemptTimeoutMs } = ports;
  const { versions } = connector;
  const below = (path: string): string => `${base.path}${path.replaceAll("{version}", versions?.use ?? "")}`;
  return (name, resource) => ({
    label: `${connector.id}.${name}`,
    name,
    resource,
    origin: base.origin,
    bodies: resource.bodies ?? connector.bodies ?? "json",
    path: below(resource.path),
    recordPath: below(recordPathOf(resource)),
    headers: versions === undefined || versions.in === "path" ? {} : { [versions.in.header.toLowerCase()]: versions.use },
    bulkPaths: bulkPathsOf(resource, below),
    collectors: new Map(),
    errors: connector.errors ?? [],
    query: new URLSearchParams(resource.query).toString(),
    ...(ports.lastKnown && { lastKnown: lastKnownOf(connection, ports.lastKnown) }),
    ...(ports.cache && { cache: cacheOf(connection, ports.cache) }),
    send,
    clock: ports.clock,
    callTimeoutMs,
    attemptTimeoutMs,
  });
}

function bulkPathsOf(resource: Resource, below: (path: string) => string): ResourceAccess["bulkPaths"] {
  const paths = bulkKinds.map((kind) => [kind, resource[`${kind}Many`]?.path] as const);
  return Object.fromEntries(paths.flatMap(([kind, path]) => (path === undefined ? [] : [[kind, below(path)]])));
}

/** The resource's calls; behind `in`, where its path has placeholders. */
function reachResource(access: ResourceAccess, resource: Resource): object {
  if (placeNamesOf(resource.path).length === 0) return { ...collectionCalls(access, resource), ...recordCalls(access, resource) };
  const inPlace = (place: unknown): object => {
    const there = accessIn(access, place);
    return { ...collectionCalls(there, resource), ...recordCalls(there, resource) };
  };
  return { ...(isReachedByIdAlone(resource) && recordCalls(access, resource)), in: inPlace };
}

function collectionCalls(access: ResourceAccess, { create, createMany, find, list, update, updateMany, upsertMany }: Resource): object {
  const many = <T>(write: () => Promise<T>): Promise<T> => endingEntries(access, null, write);
  return {
    ...(create && createMany && { createMany: (inputs: unknown) => many(() => createManyRecords(access, create, createMany, inputs)) }),
    ...(update && updateMany && { updateMany: (changes: unknown) => many(() => updateManyRecords(access, update, updateMany, changes)) }),
    ...(upsertMany && {
      upsert: (input: unknown, options?: unknown) =>
        endingEntries(access, undefined, () =>
          withWriteFallback(`${access.label}.upsert`, options, () => upsertRecord(access, upsertMany, input)),
        ),
      upsertMany: (inputs: unknown) => many(() => upsertManyRecords(access, upsertMany, inputs)),
    }),
    ...(create === undefined
      ? {}
      : {
          create: (input: unknown, options?: unknown) =>
            endingEntries(access, undefined, () =>
              withWriteFallback(`${access.label}.create`, options, () => createRecord(access, create, input)),
            ),
        }),
    ...(find === undefined ? {} : { find: (by: unknown, options?: unknown) => findRecord(access, by, options) }),
    ...(list === undefined ? {} : { list: (query?: ListQuery) => listRecords(access, list, query) }),
  };
}

function recordCalls(access: ResourceAccess, { get, update, delete: remove }: Resource): object {
  return {
    ...(get === undefined ? {} : { get: (id: unknown, options?: unknown) => getRecord(access, id, options) }),
    ...(update === undefined
      ? {}
      : {
          update: (id: unknown, input: unknown, options?: unknown) =>
            endingEntries(access, id, () =>
              withWriteFallback(`${access.label}.update`, options, () => updateRecord(access, update, id, input)),
            ),
        }),
    ...(remove === undefined
      ? {}
      : {
          delete: (id: unknown, options?: unknown) =>
            endingEntries(access, id, () => withWriteFallback(`${access.label}.delete`, options, () => deleteRecord(access, id))),
        }),
  };
}
