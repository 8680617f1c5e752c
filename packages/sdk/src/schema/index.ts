import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Any Standard Schema (zod, valibot, arktype, …). @see https://standardschema.dev */
export type Schema<Output = unknown> = StandardSchemaV1<unknown, Output>;

/** What a schema yields after validation. */
export type Infer<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>;

export interface SchemaIssue {
  /** Dotted path to the offending field, `""` for the value itself. */
  readonly path: string;
  readonly message: string;
  /** A member that the schema does not know, or a value of another type; left out where the schema's library does not tell (zod does). */
  readonly problem?: "unknown" | "type";
}

export type Validation<T> = { readonly value: T } | { readonly issues: readonly SchemaIssue[] };

/** Validates `value`. Never throws for bad input: the issues come back with their paths. */
export async function validate<T>(schema: Schema<T>, value: unknown): Promise<Validation<T>> {
  return await validateSoon(schema, value);
}

/** The same, at once where the schema can tell at once, as most can: for very many values, where waiting for each would take longer than validating it. */
export function validateSoon<T>(schema: Schema<T>, value: unknown): Validation<T> | Promise<Validation<T>> {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(toValidation) : toValidation(result);
}

function toValidation<T>(result: StandardSchemaV1.Result<T>): Validation<T> {
  if (result.issues === undefined) return { value: result.value };
  return {
    issues: result.issues.flatMap((issue): SchemaIssue[] => {
      const path = (issue.path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment));
      const { message } = issue;
      // zod names the object that holds unknown members, and them beside it.
      const unknown = "keys" in issue && Array.isArray(issue.keys) ? issue.keys.map(String) : undefined;
      if (unknown !== undefined) return unknown.map((key) => ({ path: [...path, key].join("."), message, problem: "unknown" }));
      const isType = "code" in issue && issue.code === "invalid_type";
      return [{ path: path.join("."), message, ...(isType && { problem: "type" }) }];
    }),
  };
}
