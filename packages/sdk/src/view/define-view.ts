import { describe, refuser } from "../definition/refuse.ts";
import type { Model } from "../sync/model.ts";
import { checkView } from "./check-view.ts";

/** Whose value is taken: connections or connectors by id, the first that has one. Those that are not named come after, the one that changed last first. */
export type Preference = readonly string[];

export interface ViewDefinition<Data> {
  /** Lower case, stable. */
  readonly id: string;
  /** The records that it puts together: `unified.contact`. */
  readonly of: Model<Data>;
  /** Whose value is taken, by field. Default: as `otherwise` says. */
  readonly fields?: { readonly [Field in keyof Data]?: Preference };
  /** Whose value is taken of all other fields. Default: that of the record that changed last. */
  readonly otherwise?: Preference;
}

/** A view, with its types erased for whoever keeps it. */
export interface View {
  readonly id: string;
  readonly of: Pick<Model, "model" | "schema">;
  readonly fields: Readonly<Record<string, Preference>>;
  readonly otherwise: Preference;
  /** Stands for the definition: when it differs, the view is made anew. */
  readonly version: string;
}

/**
 * Declares what things look like as a whole: one row for each canonical id, put together from the records of all connections, each value with a link to the record it is from.
 *
 * ```ts
 * export const customers = defineView({
 *   id: "customers",
 *   of: unified.contact,
 *   fields: { emails: ["stripe", "hubspot"] },
 *   otherwise: ["hubspot"],
 * });
 * ```
 *
 * @throws `SDK_VIEW_INVALID` naming the field, what was found, what to write instead, and the file and line of the definition.
 */
export function defineView<Data>(definition: ViewDefinition<Data>): View {
  const { id } = Object(definition) as { readonly id?: unknown };
  checkView(definition, refuser("SDK_VIEW_INVALID", `View ${describe(id)}`, defineView));
  const { of, otherwise = [] } = definition;
  const fields: Record<string, Preference> = { ...definition.fields };
  return { id: definition.id, of, fields, otherwise, version: versionOf({ model: of.model, fields, otherwise }) };
}

/** A short text that differs where definitions do; the same in every process. */
function versionOf({
  model,
  fields,
  otherwise,
}: {
  readonly model: string;
  readonly fields: View["fields"];
  readonly otherwise: Preference;
}): string {
  const named = Object.entries(fields).toSorted(([one], [other]) => (one < other ? -1 : 1));
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(JSON.stringify([model, named, otherwise])))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
