import { describe, describeKind, suggest } from "./refuse.ts";
import type { Refuse } from "./refuse.ts";

/**
 * What a part of a definition looks like. The types say the same; this is for those whose editor does not, and for what types cannot
 * say. Each refuses the first mistake that it finds.
 */
export type Shape = (value: unknown, field: string, refuse: Refuse) => void;

export const anything: Shape = () => {};

function when(fits: (value: unknown) => boolean, remedy: string, show: (value: unknown) => string = describe): Shape {
  return (value, field, refuse) => {
    if (!fits(value)) refuse(field, show(value), remedy);
  };
}

/** A text, of this pattern where one is given. */
export function text(remedy: string, pattern?: RegExp): Shape {
  return when((value) => typeof value === "string" && (pattern === undefined ? value !== "" : pattern.test(value)), remedy);
}

export function number(remedy: string, least: number, most = Number.MAX_SAFE_INTEGER): Shape {
  return when((value) => typeof value === "number" && Number.isFinite(value) && value >= least && value <= most, remedy);
}

export const flag: Shape = when((value) => typeof value === "boolean", "Write true or false.");
export const code: Shape = when((value) => typeof value === "function", "Give a function.");
export const duration: Shape = when(
  (value) => typeof value === "string" && /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(value),
  'Write a number and a unit, such as "10s" or "2h".',
);
export const schema: Shape = when(
  (value) => (typeof value === "object" || typeof value === "function") && value !== null && "~standard" in value,
  "Give a schema of a Standard Schema library: zod, valibot, arktype.",
  describeKind,
);
/** A secret is never shown, whatever it is. */
export const secret: Shape = when(
  (value) => typeof value === "object" && value !== null && "reveal" in value,
  'Wrap it, so that it cannot be logged: new Secret(process.env["…"] ?? "").',
  describeKind,
);

export function choice(...values: readonly (string | number | boolean)[]): Shape {
  return (value, field, refuse) => {
    if (values.some((known) => known === value)) return;
    refuse(field, describe(value), suggest(typeof value === "string" ? value : "", values.map(String)));
  };
}

export function list(item: Shape, what: string): Shape {
  return (value, field, refuse) => {
    if (!Array.isArray(value)) return refuse(field, describeKind(value), `Give a list of ${what}.`);
    value.forEach((one: unknown, index) => item(one, `${field}.${index}`, refuse));
    return undefined;
  };
}

/** An object with members of any name. */
export function named(member: Shape, what: string): Shape {
  return (value, field, refuse) => {
    if (!isObject(value)) return refuse(field, describeKind(value), `Give ${what} by name: { name: … }.`);
    for (const [name, inner] of Object.entries(value)) member(inner, joined(field, name), refuse);
    return undefined;
  };
}

/** A shape for each member of a type, those that may be missing with a `?` behind their name: so no field is forgotten here. */
type MembersOf<T> = { readonly [K in keyof T & string as Partial<Pick<T, K>> extends Pick<T, K> ? `${K}?` : K]: Shape };

/** An object with these members and no others; those whose name ends in `?` may be missing. */
export function object<T extends object = never>(members: [T] extends [never] ? Readonly<Record<string, Shape>> : MembersOf<T>): Shape {
  const shapes = new Map(
    Object.entries<Shape>(members).map(([name, shape]) => [name.replace(/\?$/, ""), { shape, optional: name.endsWith("?") }]),
  );
  const known = [...shapes.keys()];
  return (value, field, refuse) => {
    if (!isObject(value)) return refuse(field, describeKind(value), `Give an object with ${known.join(", ")}.`);
    const stranger = Object.keys(value).find((name) => !shapes.has(name));
    if (stranger !== undefined) refuse(joined(field, stranger), "a field that does not exist", suggest(stranger, known));
    for (const [name, { shape, optional }] of shapes) {
      const inner = value[name];
      if (inner !== undefined || !optional) shape(inner, joined(field, name), refuse);
    }
    return undefined;
  };
}

/** One of several objects, told apart by the member `by`. */
export function variants(by: string, shapes: Readonly<Record<string, Readonly<Record<string, Shape>>>>): Shape {
  const known = Object.keys(shapes);
  const objects = new Map(Object.entries(shapes).map(([name, members]) => [name, object({ [by]: anything, ...members })]));
  return (value, field, refuse) => {
    if (!isObject(value)) return refuse(field, describeKind(value), `Give an object with ${by}: one of ${known.join(", ")}.`);
    const kind = value[by];
    const shape = typeof kind === "string" ? objects.get(kind) : undefined;
    if (shape === undefined) return refuse(joined(field, by), describe(kind), suggest(typeof kind === "string" ? kind : "", known));
    return shape(value, field, refuse);
  };
}

/** One of several objects, told apart by which member they have. */
export function either(shapes: Readonly<Record<string, Shape>>): Shape {
  const known = Object.keys(shapes);
  return (value, field, refuse) => {
    const name = isObject(value) ? known.find((each) => Object.hasOwn(value, each)) : undefined;
    const shape = name === undefined ? undefined : shapes[name];
    if (shape === undefined) return refuse(field, describeKind(value), `Give an object with one of ${known.join(", ")}.`);
    return shape(value, field, refuse);
  };
}

/** A text in short, or the whole. */
export function shortOr(short: Shape, whole: Shape): Shape {
  return (value, field, refuse) => (typeof value === "object" && value !== null ? whole : short)(value, field, refuse);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function joined(field: string, name: string): string {
  return field === "" ? name : `${field}.${name}`;
}
