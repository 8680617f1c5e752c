import { valueAt } from "./value-at.ts";

/** What people call a thing by: `{ kind: "email", value: "ada@acme.example" }`. */
export interface Reference {
  readonly kind: string;
  readonly value: string;
}

type Leaf = string | number | bigint;

/** The dotted paths of `T` that lead to texts and numbers, or to lists of them: `order.number`. Any text where `T` is not known. */
export type PathOf<T> = unknown extends T ? string : PathWithin<T, [0, 0, 0, 0, 0]>;

/** Looks five members deep, so that a schema that refers to itself ends. */
type PathWithin<T, Depth extends readonly unknown[]> = Depth extends readonly [unknown, ...infer Rest]
  ? T extends readonly unknown[]
    ? never
    : T extends object
      ? { [Name in keyof T & string]: PathThrough<Name, T[Name], Rest> }[keyof T & string]
      : never
  : never;

type PathThrough<Name extends string, Value, Depth extends readonly unknown[]> = unknown extends Value
  ? Name | `${Name}.${string}`
  : NonNullable<Value> extends Leaf | readonly Leaf[]
    ? Name
    : `${Name}.${PathWithin<NonNullable<Value>, Depth>}`;

/** Where an event says it: a dotted path into the payload, or a function. What is neither text nor number is passed over; a list has several. */
export type ReferenceAt<Payload = never> = PathOf<Payload> | ((payload: Payload) => unknown);

/** What identifies a thing in people's words, by kind: `{ email: "contact.email", order: "order.number" }`. */
export type References<Payload = never> = Readonly<Record<string, ReferenceAt<Payload>>>;

/** The same, of any payload. */
export type AnyReferences = Readonly<Record<string, string | ((payload: never) => unknown)>>;

const mostOfOneKind = 20;

/** The references that a payload has. A function that throws says nothing of this payload: an event is not refused for what it is found by. */
export function readReferences(declared: AnyReferences, payload: unknown): Reference[] {
  const found: Reference[] = [];
  for (const kind of Object.keys(declared)) {
    const at = declared[kind];
    const value = typeof at === "string" ? valueAt(payload, at) : callSafely(at, payload);
    if (Array.isArray(value)) for (const each of value.slice(0, mostOfOneKind)) addTo(found, kind, each);
    else addTo(found, kind, value);
  }
  return found;
}

function addTo(found: Reference[], kind: string, value: unknown): void {
  if (typeof value === "string" ? value !== "" : typeof value === "number" || typeof value === "bigint")
    found.push({ kind, value: String(value) });
}

function callSafely(at: ((payload: never) => unknown) | undefined, payload: unknown): unknown {
  try {
    return at?.(payload as never);
  } catch {
    // What does not fit its schema is set aside, and is then found by those references that it does have.
    return undefined;
  }
}
