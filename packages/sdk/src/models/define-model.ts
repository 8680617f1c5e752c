import { z } from "zod";
import type { Normalised } from "../normalise/index.ts";
import { validate } from "../schema/index.ts";
import type { Infer, Schema } from "../schema/index.ts";
import type { Field, Reading } from "./field.ts";
import { unread } from "./parts.ts";
import type { Unread } from "./parts.ts";

/** The fields of a model by name. */
export type FieldTable = Readonly<Record<string, Field<unknown, never>>>;
type ValueOf<F> = F extends { readonly schema: z.ZodType<infer Value> } ? Value : never;
type DraftOf<F> = F extends { readonly read: (draft: infer Draft, ...rest: never[]) => unknown } ? Draft : never;

/** Fields of a user's own, by name. */
export type CustomFields = Readonly<Record<string, Schema>>;
type CustomOf<C extends CustomFields> = string extends keyof C
  ? Readonly<Record<string, unknown>>
  : { readonly [Name in keyof C]: Infer<C[Name]> };

/** A record of a model. */
export type DataOf<F extends FieldTable, C extends CustomFields> = { readonly [Name in keyof F]: ValueOf<F[Name]> } & {
  /** Fields of the user's own. */
  readonly custom: CustomOf<C>;
  /** What could not be read. */
  readonly unread: readonly Unread[];
};

/** What a mapping says of a record, in whatever way the provider writes it; what it leaves out is empty. */
export type DraftsOf<F extends FieldTable> = { readonly [Name in keyof F]?: DraftOf<F[Name]> | undefined } & {
  readonly custom?: Readonly<Record<string, unknown>> | undefined;
};

/** By what a record is recognised, whatever its id is. */
export interface ModelKey {
  readonly kind: "email" | "phone" | "domain" | "external";
  readonly value: string;
}

export interface ReadingDefaults {
  /** The country of telephone numbers that are written without theirs, ISO 3166-1 alpha-2. Default: none. */
  readonly country?: string | undefined;
  /** Whose clock shows times that are written without an offset, IANA. Default: none. */
  readonly zone?: string | undefined;
}

/** One shape for the records of all providers. */
export interface UnifiedModel<F extends FieldTable = FieldTable, C extends CustomFields = CustomFields> {
  /** Its name, which stands in records and in the change feed. */
  readonly model: string;
  readonly category: string;
  readonly title: string;
  readonly fields: F;
  /** What a record must look like; strict. */
  readonly schema: Schema<DataOf<F, C>>;
  /** By what its records are recognised. */
  readonly matchOn: (data: DataOf<F, C>) => readonly ModelKey[];
  /** Makes a record of what a provider says: each value in the one way to write it, what cannot be read kept under `unread`. Twice gives the same. */
  readonly normalise: (drafts: DraftsOf<F>, defaults?: ReadingDefaults) => DataOf<F, C>;
  /** The same model with fields of one's own, under `custom`; no others are taken there then. Any Standard Schema will do. */
  readonly extend: <Own extends CustomFields>(own: Own) => UnifiedModel<F, Own>;
}

interface Definition<F extends FieldTable> {
  readonly model: string;
  readonly category: string;
  readonly title: string;
  readonly fields: F;
  readonly matchOn?: (data: DataOf<F, CustomFields>) => readonly ModelKey[];
}

/** Declares a model: its fields say what they hold and how they are read. */
export function defineModel<const F extends FieldTable>(definition: Definition<F>): UnifiedModel<F> {
  return build(definition, undefined);
}

function build<F extends FieldTable, C extends CustomFields>(definition: Definition<F>, own: C | undefined): UnifiedModel<F, C> {
  const { fields, matchOn } = definition;
  const base = baseSchema(fields);
  return {
    ...definition,
    // Made from the very fields that the type is made from; TypeScript cannot follow that through Object.entries.
    schema: (own === undefined ? base : withCustom(base, own)) as unknown as Schema<DataOf<F, C>>,
    matchOn: (data) => matchOn?.(data) ?? [],
    normalise: (drafts, defaults) => normalise(fields, drafts, defaults) as DataOf<F, C>,
    extend: (further) => build(definition, further),
  };
}

/** The schema of a model without regard to custom fields; for those who describe it. */
export function baseSchema(fields: FieldTable): z.ZodObject {
  const shape = Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema]));
  return z.strictObject({ ...shape, custom: z.record(z.string(), z.unknown()), unread: z.array(unread) });
}

function normalise<F extends FieldTable>(fields: F, drafts: DraftsOf<F>, { country, zone }: ReadingDefaults = {}): object {
  const left: Unread[] = [];
  const take = <T>(field: string, normalised: Normalised<T>): T | undefined => {
    if ("value" in normalised) return normalised.value;
    if (normalised.flag !== "empty") left.push({ field, raw: normalised.raw, flag: normalised.flag });
    return undefined;
  };
  const reading: Reading = { country, zone, take };
  const values = Object.entries(fields).map(([name, field]): [string, unknown] => {
    const draft = drafts[name];
    return [name, draft === undefined || draft === null ? field.empty : field.read(draft as never, name, reading)];
  });
  return { ...Object.fromEntries<unknown>(values), custom: drafts.custom ?? {}, unread: left };
}

/** The base, and in `custom` these fields and no others; schemas of other libraries stay in their own hands. */
function withCustom(base: z.ZodObject, own: CustomFields): Schema {
  const names = new Set(Object.keys(own));
  return {
    "~standard": {
      version: 1,
      vendor: "belay",
      validate: async (value) => {
        const result = await base["~standard"].validate(value);
        if (result.issues !== undefined) return result;
        const given = result.value["custom"] as Readonly<Record<string, unknown>>;
        const issues = Object.keys(given)
          .filter((name) => !names.has(name))
          .map((name) => ({ message: "The model has no such custom field.", path: ["custom", name] }));
        const custom: Record<string, unknown> = {};
        for (const [name, schema] of Object.entries(own)) {
          const checked = await validate(schema, given[name]);
          if ("issues" in checked)
            issues.push(
              ...checked.issues.map(({ path, message }) => ({ message, path: ["custom", name, ...(path === "" ? [] : path.split("."))] })),
            );
          else if (checked.value !== undefined) custom[name] = checked.value;
        }
        return issues.length > 0 ? { issues } : { value: { ...result.value, custom } };
      },
    },
  };
}
