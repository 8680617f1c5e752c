import type { Resource } from "../connector/types.ts";
import { valueAt } from "../connector/value-at.ts";
import { BelayError } from "../errors/belay-error.ts";
import { normaliseCountry } from "../normalise/index.ts";
import type { CustomFields, DataOf, DraftsOf, FieldTable, UnifiedModel } from "./define-model.ts";
import type { FieldRule, MappingDefinition, MappingSettings, ProviderInput, RecordOf, UnifiedMapping } from "./mapping-types.ts";
import { mappingSettings, settingsIn } from "./mapping-settings.ts";

type AnyRule = FieldRule<never, unknown, never, object>;

/**
 * Declares how the records of a resource become those of a model, and back. Attached to its connector (`mappings`), the unified API reads and writes through it; it is also
 * what `map` of a sync wants:
 *
 * ```ts
 * export const toContact = defineMapping(contact, unified.contact)({
 *   resource: "contact",
 *   version: "1",
 *   fields: {
 *     givenName: { from: "properties.firstname", write: (name) => ({ firstname: name ?? "" }) },
 *     emails: { from: "properties.email", read: ({ properties }) => [properties.email] },
 *   },
 * });
 * ```
 *
 * It is two calls, because only then editor and compiler know the words that a field takes. Values are normalised by the model. A mapping must depend on nothing but record and settings.
 */
export function defineMapping<const R extends Resource, F extends FieldTable, C extends CustomFields>(
  _of: R,
  model: UnifiedModel<F, C>,
): (definition: MappingDefinition<R, F, C>) => UnifiedMapping<RecordOf<R>, DataOf<F, C>> {
  return (definition) => build(model, definition);
}

function build<R extends Resource, F extends FieldTable, C extends CustomFields>(
  model: UnifiedModel<F, C>,
  definition: MappingDefinition<R, F, C>,
): UnifiedMapping<RecordOf<R>, DataOf<F, C>> {
  const { resource, version, when, url, create } = definition;
  const rules = rulesOf(definition);
  const map = (record: RecordOf<R>, { settings: given }: { readonly settings?: unknown }): DataOf<F, C> | undefined => {
    if (when?.(record) === false) return undefined;
    const settings = settingsIn(given);
    const drafts = rules.map(([name, rule]): [string, unknown] => [name, draftOf(rule, record, settings)]);
    const custom = customOf(record, settings);
    const country = normaliseCountry(settings.country ?? "");
    const defaults = { zone: settings.zone, country: "value" in country ? country.value : undefined };
    return model.normalise({ ...Object.fromEntries<unknown>(drafts), ...(custom && { custom }) } as DraftsOf<F>, defaults);
  };
  return Object.assign(map, {
    version,
    settings: mappingSettings,
    resource,
    // What the model holds does not matter to those who look mappings up.
    model: model as unknown as UnifiedModel,
    lineage: Object.fromEntries(rules.map(([name, { from }]) => [name, typeof from === "string" ? [from] : from])),
    writable: rules.filter(([, { write }]) => write !== undefined).map(([name]) => name),
    url: url ?? (() => undefined),
    create,
    toProvider: (data: Readonly<Record<string, unknown>>, how: { readonly creating: boolean }) => toProvider(model.title, rules, data, how),
  });
}

function rulesOf(definition: { readonly fields: object }): readonly (readonly [string, AnyRule])[] {
  return Object.entries<string | AnyRule>(definition.fields as Readonly<Record<string, string | AnyRule>>).map(([name, rule]) => [
    name,
    typeof rule === "string" ? { from: rule } : rule,
  ]);
}

function draftOf({ from, read }: AnyRule, record: unknown, settings: MappingSettings): unknown {
  if (read !== undefined) return read(record as never, settings);
  return typeof from === "string" ? valueAt(record, from) : undefined;
}

/** A tenant's own fields; one that leads nowhere is left out. */
function customOf(record: unknown, { custom }: MappingSettings): Readonly<Record<string, unknown>> | undefined {
  if (custom === undefined) return undefined;
  const entries = Object.entries(custom).map(([name, path]) => [name, valueAt(record, path)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}

function toProvider(
  title: string,
  rules: readonly (readonly [string, AnyRule])[],
  data: Readonly<Record<string, unknown>>,
  how: { readonly creating: boolean },
): ProviderInput {
  const byName = new Map(rules);
  const input: Record<string, unknown> = {};
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined) continue;
    const write = byName.get(name)?.write;
    if (write === undefined) throw readOnly(title, name);
    for (const [member, part] of Object.entries(write(value as never, how))) {
      if (part === undefined) continue;
      input[member] = part;
      fields[member] = name;
    }
  }
  return { input, fields };
}

function readOnly(title: string, field: string): BelayError {
  return new BelayError("MODEL_FIELD_READ_ONLY", `${title}.${field} cannot be written to this provider; leave it out.`, {
    details: { paths: [field] },
  });
}
