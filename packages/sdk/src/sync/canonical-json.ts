/**
 * JSON text that is the same for equal values, whatever the order of their members: members are sorted by name, and those that are undefined left out.
 *
 * @throws `TypeError` for what JSON cannot hold, as `JSON.stringify` does.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "null";
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("toJSON" in value && typeof value.toJSON === "function") return value;
  if (Array.isArray(value)) return value.some(isObject) ? value.map(sorted) : value;
  const names = Object.keys(value);
  const entries = value as Readonly<Record<string, unknown>>;
  // Most mappings write their members in one order, and many in this one: then nothing is copied.
  if (isSorted(names) && names.every((name) => !isObject(entries[name]))) return value;
  const copy: Record<string, unknown> = {};
  for (const name of names.toSorted()) define(copy, name, sorted(entries[name]));
  return copy;
}

/** A member called `__proto__` is a member as any other. */
function define(copy: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(copy, name, { value, enumerable: true });
  else copy[name] = value;
}

function isSorted(names: readonly string[]): boolean {
  for (let index = 1; index < names.length; index += 1) if ((names[index - 1] ?? "") > (names[index] ?? "")) return false;
  return true;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
