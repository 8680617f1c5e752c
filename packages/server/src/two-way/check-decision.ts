import { BelayError, validate } from "@belay/sdk";
import { showThing } from "./show-thing.ts";
import type { WriteDeskParts } from "./open-thing.ts";
import type { LinkKey } from "./types.ts";

/**
 * A value that somebody gives for a field has to be one that the model knows: it is written to both sides.
 *
 * @throws `API_REQUEST_INVALID` saying what is wrong with it.
 */
export async function checkDecision(
  parts: Pick<WriteDeskParts, "db" | "cipher" | "catalog">,
  { field, value, ...key }: LinkKey & { readonly field: string; readonly value: unknown },
): Promise<void> {
  const thing = await showThing(parts, key);
  const schema = parts.catalog.twoWays.get(key.twoWay)?.a.sync.target.schema;
  const data = thing?.a?.data ?? thing?.b?.data;
  // Without a record there is no conflict either, which the decision says.
  if (schema === undefined || typeof data !== "object" || data === null) return;
  const result = await validate(schema, { ...data, [field]: value });
  const issues = "value" in result ? [] : result.issues.filter(({ path }) => path === field || path.startsWith(`${field}.`));
  if (issues.length === 0) return;
  const text = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new BelayError("API_REQUEST_INVALID", `value: ${text}`, { details: { paths: issues.map(({ path }) => path) } });
}
