import { describe, refuser } from "../definition/refuse.ts";
import type { Infer, Schema } from "../schema/index.ts";
import { checkConnector } from "./check-connector.ts";
import type { ReferenceAt } from "./references.ts";
import type { ResourceReferences } from "./resource-reference.ts";
import type { ConnectorDefinition } from "./types.ts";

/** A declared event of a connector, typed by its name and by the payload that its schema yields. Made by `defineConnector`. */
export interface EventReference<Payload = unknown, Type extends string = string> {
  readonly connector: string;
  readonly type: Type;
  readonly schema: Schema<Payload>;
  /** Fields of the payload that tell of a person, by dotted path. Default: none but what looks like an e-mail address or a phone number. */
  readonly personal?: readonly string[];
}

type EventSchemas<D extends ConnectorDefinition> = D extends { webhooks: { events: infer Events } } ? Events : Record<never, never>;

export type EventReferences<D extends ConnectorDefinition> = {
  readonly [Type in keyof EventSchemas<D>]: EventSchemas<D>[Type] extends Schema
    ? EventReference<Infer<EventSchemas<D>[Type]>, Type & string>
    : never;
};

/** The declared references, held to what the schemas of their events have. */
type CheckedReferences<D extends ConnectorDefinition> = D extends { webhooks: { references: infer Declared } }
  ? {
      readonly webhooks: {
        readonly references: {
          readonly [Type in keyof Declared]: {
            readonly [Kind in keyof Declared[Type]]: Type extends keyof EventSchemas<D>
              ? EventSchemas<D>[Type] extends Schema
                ? ReferenceAt<Infer<EventSchemas<D>[Type]>>
                : never
              : never;
          };
        };
      };
    }
  : unknown;

/** A connector: its definition plus references to its events, for use in `defineFlow({ on })`, and to its resources, for use in `defineSync({ source })`. */
export type Connector<D extends ConnectorDefinition = ConnectorDefinition> = D & {
  readonly events: EventReferences<D>;
} & ResourceReferences<D>;

/** A connector of any provider, where its own types do not matter. */
export type AnyConnector = ConnectorDefinition & { readonly events: Readonly<Record<string, EventReference>> };

/**
 * Declares how a provider works. The definition is checked at once, so that a mistake shows where it was made.
 *
 * @throws `SDK_CONNECTOR_INVALID` naming the field, what was found, what to write instead, and the file and line of the definition.
 */
export function defineConnector<const D extends ConnectorDefinition>(definition: D & CheckedReferences<D>): Connector<D> {
  // Whoever makes a connector from another one passes its references on; they are made anew.
  const { events: _events, ...rest }: ConnectorDefinition & { readonly events?: unknown } = definition;
  const own = Object.fromEntries(Object.entries(rest).filter(([, value]) => !isReference(value))) as unknown as typeof rest;
  checkConnector(own, refuser("SDK_CONNECTOR_INVALID", `Connector ${describe(own.id)}`, defineConnector));
  const events = Object.fromEntries(
    Object.entries(definition.webhooks?.events ?? {}).map(([type, schema]) => {
      const personal = definition.webhooks?.personal?.[type];
      return [type, { connector: definition.id, type, schema, ...(personal && { personal }) }];
    }),
  );
  const resources = Object.entries(definition.resources).map(([resource, { schema }]) => {
    const mappings = (definition.mappings ?? []).filter((mapping) => mapping.resource === resource);
    return [resource, { connector: definition.id, resource, schema, ...(mappings.length > 0 && { mappings }) }];
  });
  // Made from the very entries that the type is made from; TypeScript cannot follow that through Object.entries.
  return { ...definition, ...Object.fromEntries(resources), events: events as EventReferences<D> } as Connector<D>;
}

function isReference(value: unknown): boolean {
  return typeof value === "object" && value !== null && "connector" in value && "resource" in value && "schema" in value;
}
