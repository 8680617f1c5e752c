import type { EventReference } from "../connector/define-connector.ts";
import { BelayError } from "../errors/belay-error.ts";
import type { Infer, Schema } from "../schema/index.ts";

/** Stands where an event's connection and connector are named, when the host application itself emitted it. */
export const hostSource = "app";

/** The host application's events by type, for `defineFlow({ on })`, `defineConfig({ events })` and the client's `emit`. */
export type HostEvents<Schemas extends Readonly<Record<string, Schema>>> = {
  readonly [Type in keyof Schemas]: EventReference<Infer<Schemas[Type]>, Type & string>;
};

/**
 * Declares the events that the host application – the product that Belay is part of – tells of itself, each with the schema of its data.
 *
 * ```ts
 * export const app = defineEvents({ "contact.changed": z.object({ id: z.string(), email: z.email() }) });
 * defineFlow({ id: "contacts-to-crm", on: app["contact.changed"], to: hubspot, … });
 * defineConfig({ events: app, … });
 * ```
 *
 * @param options `personal`: fields that tell of a person, by type, then by dotted path: `{ "contact.changed": ["email", "address.city"] }`.
 * @throws `SDK_EVENTS_INVALID` naming the type and what to write instead.
 */
export function defineEvents<const Schemas extends Readonly<Record<string, Schema>>>(
  schemas: Schemas,
  options: { readonly personal?: { readonly [Type in keyof Schemas]?: readonly string[] } } = {},
): HostEvents<Schemas> {
  const references = Object.entries(schemas).map(([type, schema]) => {
    if (!/^[a-z][a-z0-9._-]{0,99}$/.test(type)) {
      throw new BelayError(
        "SDK_EVENTS_INVALID",
        `Event "${type}": name it like "contact.changed": lower-case letters, digits, dots, dashes and underscores, at most 100, starting with a letter.`,
      );
    }
    const personal = options.personal?.[type];
    return [type, { connector: hostSource, type, schema, ...(personal && { personal }) }];
  });
  return Object.fromEntries(references) as HostEvents<Schemas>;
}
