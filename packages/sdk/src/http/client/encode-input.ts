import { wrapOfSent } from "../../connector/types.ts";
import type { Resource } from "../../connector/types.ts";
import type { Schema } from "../../schema/index.ts";
import { validate } from "../../schema/index.ts";
import { httpError } from "../errors.ts";

/** The input after its schema. @throws `CLIENT_INPUT_INVALID` naming the fields. */
export async function checkInput(schema: Schema, label: string, input: unknown): Promise<unknown> {
  const result = await validate(schema, input);
  if ("value" in result) return result.value;
  const problems = result.issues.map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`));
  throw httpError("CLIENT_INPUT_INVALID", `${label}, ${problems.join("; ")}`, {
    details: { paths: result.issues.map((issue) => issue.path) },
  });
}

/** What is written: the fields under the member that the resource names, in its wrapping. */
export function wrapFields(resource: Resource, fields: unknown): unknown {
  const record = resource.fieldsIn === undefined ? fields : { [resource.fieldsIn]: fields };
  const member = wrapOfSent(resource);
  return member === undefined ? record : { [member]: record };
}
