import type { Infer, Schema } from "../schema/index.ts";
import type { UnifiedMapping } from "../models/mapping-types.ts";
import type { ConnectorDefinition } from "./types.ts";

/** A resource of a connector, typed by the record that its schema yields: `hubspot.contact`. Made by `defineConnector`. */
export interface ResourceReference<Record = unknown> {
  readonly connector: string;
  readonly resource: string;
  readonly schema: Schema<Record>;
  /** The connector's own ways to make models of its records. Default: it has none. */
  readonly mappings?: readonly UnifiedMapping[];
}

/** What a connector has already under a name of its own. */
type Taken = keyof ConnectorDefinition | "events";

/** The resources of a connector by name, for `defineSync({ source: hubspot.contact })`. */
export type ResourceReferences<D extends ConnectorDefinition> = string extends keyof D["resources"]
  ? unknown
  : {
      readonly [Name in Exclude<keyof D["resources"], Taken>]: D["resources"][Name] extends { schema: infer S extends Schema }
        ? ResourceReference<Infer<S>>
        : never;
    };

/** Names that a resource cannot have: under them a connector has something else. */
export const takenNames = [
  "id",
  "title",
  "baseUrl",
  "hosts",
  "redirects",
  "auth",
  "bodies",
  "versions",
  "resources",
  "check",
  "limits",
  "errors",
  "webhooks",
  "simulator",
  "mappings",
  "events",
] as const satisfies readonly Taken[];
