interface Members {
  [name: string]: string | Members;
}

/**
 * Reads `application/x-www-form-urlencoded` with members in brackets: `metadata[plan]=pro` is `{ metadata: { plan: "pro" } }`. Items of
 * a list (`items[0]=a`) become a list. Every value is a text.
 */
export function parseForm(text: string): unknown {
  const root: Members = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const names = [...key.matchAll(/[^[\]]+/g)].map(([name]) => name);
    const last = names.pop();
    if (last === undefined) continue;
    let members = root;
    for (const name of names) {
      const inner = Object.hasOwn(members, name) ? members[name] : undefined;
      members = typeof inner === "object" ? inner : define(members, name);
    }
    set(members, last, value);
  }
  return listsOf(root);
}

function define(members: Members, name: string): Members {
  const inner: Members = {};
  set(members, name, inner);
  return inner;
}

/** Assigning `__proto__` would change the object's nature instead of adding a member. */
function set(members: Members, name: string, value: string | Members): void {
  Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
}

function listsOf(value: string | Members): unknown {
  if (typeof value === "string") return value;
  const names = Object.keys(value);
  const isList = names.length > 0 && names.every((name, index) => name === String(index));
  if (isList) return Object.values(value).map(listsOf);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, listsOf(inner)]));
}
