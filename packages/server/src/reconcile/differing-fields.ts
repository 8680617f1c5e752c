/** Whoever looks at a discrepancy wants to see where; of a record that is other altogether a few do. */
const most = 20;

/** Paths at which two JSON values differ, such as `name.first` or `emails.0`; at most 20. An empty path is the value itself. */
export function differingFields(a: unknown, b: unknown): string[] {
  const found: string[] = [];
  collect(a, b, "", found);
  return found;
}

function collect(a: unknown, b: unknown, path: string, found: string[]): void {
  if (found.length >= most || Object.is(a, b)) return;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) {
    found.push(path);
    return;
  }
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    collect(Reflect.get(a, name), Reflect.get(b, name), path === "" ? name : `${path}.${name}`, found);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
