import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Any Standard Schema (zod, valibot, arktype, …). @see https://standardschema.dev */
export type Schema<Output = unknown> = StandardSchemaV1<unknown, Output>;

/** What a schema yields after validation. */
export type Infer<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>;

export interface SchemaIssue {
  /** Dotted path to the offending field, `""` for the value itself. */
  readonly path: string;
  readonly message: string;
}

export type Validation<T> = { readonly value: T } | { readonly issues: readonly SchemaIssue[] };

/** Validates `value`. Never throws for bad input: the issues come back with their paths. */
export async function validate<T>(schema: Schema<T>, value: unknown): Promise<Validation<T>> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return { value: result.value };
  return {
    issues: result.issues.map((issue) => ({
      path: (issue.path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment)).join("."),
      message: issue.message,
    })),
  };
}
