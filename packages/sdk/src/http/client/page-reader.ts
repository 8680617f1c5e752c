import type { Connection } from "../../config/define-config.ts";
import type { PlacedListing } from "../../connector/changes.ts";
import type { ConnectorDefinition } from "../../connector/types.ts";
import { valueAt } from "../../connector/value-at.ts";
import type { PageRequest, WalkAnswer, WalkPlan } from "../../sync/walk/index.ts";
import { httpError } from "../errors.ts";
import { currentOperation } from "../operation-context.ts";
import { call } from "./call.ts";
import type { ClientPorts } from "./create-client.ts";
import { openAccess } from "./create-client.ts";
import { decodeList } from "./decode-record.ts";
import { findLink } from "./link-header.ts";
import { pageCall } from "./page-call.ts";
import { accessIn } from "./resource-access.ts";

/** A page of a listing as it came. */
export interface ListingPage {
  /** Not yet validated. */
  readonly records: readonly unknown[];
  /** For `takePage`. */
  readonly answer: WalkAnswer;
}

/** Reads single pages of one resource's listings, where whoever reads decides which is next. */
export interface PageReader {
  /**
   * Asks for one page, through the pipeline.
   *
   * @param listing Default: the resource's own.
   * @throws `CLIENT_NEXT_LINK_FORBIDDEN` for a URL at another origin, and what every call throws.
   */
  read(plan: Pick<WalkPlan, "id" | "mark">, request: PageRequest, listing?: PlacedListing): Promise<ListingPage>;
}

/**
 * Opens a reader of a resource that can be listed. Keep it as long as the connection.
 *
 * @param place For a path with placeholders.
 * @throws `CLIENT_CONNECTION_INVALID`, `CLIENT_INPUT_INVALID` for a place that is missing.
 */
export function openPageReader(
  connector: ConnectorDefinition,
  connection: Connection,
  ports: ClientPorts,
  { resource: name, place }: { readonly resource: string; readonly place?: Readonly<Record<string, string | number>> },
): PageReader {
  const resource = connector.resources[name];
  if (resource?.list === undefined)
    throw httpError("CLIENT_INPUT_INVALID", `${connector.id}.${name} cannot be listed.`, { details: { paths: [] } });
  const { list } = resource;
  const accessTo = openAccess(connector, connection, ports);
  const access = accessIn(accessTo(name, resource), place ?? {});
  const label = `${access.label}.list`;
  // Listings that have a path of their own, by that path.
  const bases = new Map<string, string>();
  const baseOf = ({ path }: PlacedListing): string => {
    if (path === undefined) return access.path;
    const base = bases.get(path) ?? accessIn(accessTo(name, { ...resource, path }), place ?? {}).path;
    bases.set(path, base);
    return base;
  };
  return {
    read: async ({ id, mark }, request, listing = list) => {
      const page = pageCall(access, label, baseOf(listing), listing, request);
      const answered = await call(access, { label, declared: listing, ...page, operation: currentOperation() });
      const many = listing.many ?? resource.wrap?.many;
      const records = decodeList({ ...resource, wrap: { ...resource.wrap, ...(many !== undefined && { many }) } }, label, answered);
      return {
        records,
        answer: {
          ids: records.map((record) => toId(valueAt(record, id))),
          ...(mark !== undefined && { marks: records.map((record) => valueAt(record, mark)) }),
          body: answered.body,
          link: findLink(answered.headers["link"], "next"),
        },
      };
    },
  };
}

function toId(id: unknown): string {
  return typeof id === "string" || typeof id === "number" ? String(id) : "";
}
