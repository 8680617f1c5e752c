/** A JSON object that is being put together. */
export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member at a dotted path; undefined where there is none. */
export function memberAt(value: unknown, path: string): unknown {
  let member = value;
  for (const name of path.split(".")) member = isJsonObject(member) && Object.hasOwn(member, name) ? member[name] : undefined;
  return member;
}

/** A copy in which the member at a dotted path is `member`; objects on the way are made where they are missing. */
export function withMemberAt(value: JsonObject, path: string, member: unknown): JsonObject {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...value, [name]: member };
  const inner = value[name];
  return { ...value, [name]: withMemberAt(isJsonObject(inner) ? inner : {}, rest.join("."), member) };
}

/** A copy with every value inside replaced by what `replace` makes of it; it gets the name of the member that holds it. */
export function mapValues(value: unknown, replace: (value: unknown, name: string) => unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => mapValues(item, replace, name));
  if (!isJsonObject(value)) return replace(value, name);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapValues(inner, replace, key)]));
}

/** `over` on top of `value`, object by object; everything else is replaced whole. */
export function merged(value: JsonObject, over: JsonObject): JsonObject {
  const result = { ...value };
  for (const [name, member] of Object.entries(over)) {
    const below = result[name];
    result[name] = isJsonObject(below) && isJsonObject(member) ? merged(below, member) : member;
  }
  return result;
}
