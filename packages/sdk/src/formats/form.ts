import { deepest, unreadable } from "./body.ts";

/**
 * Fields as `application/x-www-form-urlencoded`: members in brackets (`metadata[plan]=pro`), items by their number (`items[0]=a`).
 * Null empties a field; undefined leaves it out.
 *
 * @see https://docs.stripe.com/api/metadata
 */
export function encodeForm(fields: unknown): string {
  return new URLSearchParams(flatten(fields, () => false).map(([name, value]): [string, string] => [name, textOfValue(value)])).toString();
}

/** Names in brackets with their values, in order. `isLeaf`: objects that are values and not looked into. */
export function flatten(fields: unknown, isLeaf: (value: object) => boolean): (readonly [string, unknown])[] {
  const pairs: (readonly [string, unknown])[] = [];
  const collect = (name: string, value: unknown): void => {
    if (value === undefined) return;
    if (typeof value === "object" && value !== null && !isLeaf(value)) {
      for (const [member, inner] of Object.entries(value)) collect(name === "" ? member : `${name}[${member}]`, inner);
    } else pairs.push([name, value]);
  };
  collect("", fields);
  return pairs;
}

/** How a single value is written where everything is a text. */
export function textOfValue(value: unknown): string {
  return typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
}

interface Members {
  [name: string]: unknown;
}

/**
 * Reads `application/x-www-form-urlencoded` with members in brackets: `metadata[plan]=pro` is `{ metadata: { plan: "pro" } }`. Items of
 * a list (`items[0]=a`, `items[]=a`) become a list. Every value is a text.
 *
 * @throws `FORMAT_UNREADABLE` when names are nested more deeply than 200 levels.
 */
export function decodeForm(text: string): unknown {
  return unflatten([...new URLSearchParams(text)]);
}

/** The way back of `flatten`. */
export function unflatten(pairs: readonly (readonly [string, unknown])[]): unknown {
  const root: Members = {};
  for (const [key, value] of pairs) {
    const names = (key.match(/\[\]|[^[\]]+/g) ?? []).slice(0, deepest + 1);
    if (names.length > deepest) throw unreadable(`has a field nested more deeply than ${deepest} levels`);
    const last = names.pop();
    if (last === undefined) continue;
    let members = root;
    for (const name of names) members = enter(members, name);
    set(members, last, value);
  }
  return listsOf(root);
}

/** Inner members are marked by their prototype, so that a file, which is an object too, is not taken for them. */
function enter(members: Members, name: string): Members {
  const inner = Object.hasOwn(members, name) ? members[name] : undefined;
  if (isMembers(inner)) return inner;
  const fresh: Members = Object.create(marker) as Members;
  set(members, name, fresh);
  return fresh;
}

const marker = Object.freeze(Object.create(null) as object);

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === marker;
}

/** Assigning `__proto__` would change the object's nature instead of adding a member. `[]` is the next item. */
function set(members: Members, name: string, value: unknown): void {
  const member = name === "[]" ? String(Object.keys(members).length) : name;
  Object.defineProperty(members, member, { value, enumerable: true, configurable: true, writable: true });
}

function listsOf(value: unknown, isRoot = true): unknown {
  if (!isRoot && !isMembers(value)) return value;
  const entries = Object.entries(value as Members);
  const isList = !isRoot && entries.every(([name], index) => name === String(index));
  if (isList) return entries.map(([, inner]) => listsOf(inner, false));
  return Object.fromEntries(entries.map(([name, inner]) => [name, listsOf(inner, false)]));
}
