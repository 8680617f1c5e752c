import { validate, valueAt } from "@belay/sdk";
import type { FieldProblem, Schema, SchemaIssue } from "@belay/sdk";
import type { Fields } from "./store.ts";
import { withMemberAt } from "./generate/json.ts";

/** What is wrong with the fields of a write; undefined where nothing is. */
export async function judgeInput(
  input: Schema,
  fields: Fields,
): Promise<{ readonly summary: string; readonly fields: readonly FieldProblem[] } | undefined> {
  const validation = await validate(input, fields);
  if (!("issues" in validation)) return undefined;
  const { issues } = validation;
  return {
    summary: issues.map(({ path, message }) => `${path}: ${message}`).join("; "),
    fields: issues.map((issue) => ({ path: issue.path, is: problemOf(issue, fields) })),
  };
}

function problemOf({ path, problem }: SchemaIssue, fields: Fields): FieldProblem["is"] {
  if (problem === "unknown") return "unknown";
  if (path !== "" && valueAt(fields, path) === undefined) return "missing";
  return problem ?? "value";
}

/**
 * Reads the texts of a form as the schema wants them: a number, true or false, or nothing at all. Only texts that the schema refuses are
 * read so, and only where it then accepts them.
 */
export async function readTexts(input: Schema, sent: Fields): Promise<Fields> {
  const validation = await validate(input, sent);
  if (!("issues" in validation)) return sent;
  let fields: Fields = sent;
  for (const { path } of validation.issues) {
    const value = meant(valueAt(sent, path));
    if (value !== undefined) fields = withMemberAt({ ...fields }, path, value);
  }
  const after = await validate(input, fields);
  const still = "issues" in after ? after.issues.map(({ path }) => path) : [];
  // What is refused either way is shown as it was sent.
  return still.reduce<Fields>((read, path) => {
    const original = valueAt(sent, path);
    return typeof original === "string" ? withMemberAt({ ...read }, path, original) : read;
  }, fields);
}

function meant(value: unknown): number | boolean | null | undefined {
  if (value === "true" || value === "false") return value === "true";
  if (value === "") return null;
  return typeof value === "string" && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
