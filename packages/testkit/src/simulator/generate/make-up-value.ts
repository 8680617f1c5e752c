import type { Schema } from "@belay/sdk";
import type { Random } from "../random.ts";
import type { Say } from "./faker-text.ts";
import { isJsonObject } from "./json.ts";
import { hex, letters, pick, plausibleText } from "./plausible-text.ts";

export interface Making {
  readonly random: Random;
  readonly now: Date;
  /** Leaves out what may be left out and for which nothing plausible is known. */
  readonly sparse?: true;
  /** What a field of some name says. Default: a few words of our own. */
  readonly say?: Say;
  /** How many of the members that may be left out are there, between 0 and 1. Default: all, without a draw. */
  readonly presence?: number;
  /** Takes the first of several values, as which declarations name the state that things begin in. Default: any. */
  readonly first?: true;
}

/**
 * A value that fits a schema, the same for the same random numbers. Works for schemas that can describe themselves as JSON Schema, as
 * zod's do.
 *
 * `side`: what the schema takes, or what it yields.
 *
 * @throws TypeError when the schema cannot.
 * @see https://standardschema.dev/json-schema
 */
export function makeUpValue(schema: Schema, making: Making, side: "input" | "output" = "output"): unknown {
  const described = describe(schema, side);
  if (described === undefined)
    throw new TypeError("the schema cannot describe itself as JSON Schema, so give an example, or the payload yourself");
  return valueOf(described, "", making);
}

/** What a record must have by its schema, to be made up again and again; undefined where the schema cannot describe itself. */
export function makerOfRequired(schema: Schema): ((random: Random, now: Date) => Readonly<Record<string, unknown>>) | undefined {
  const described = describe(schema, "output");
  if (described === undefined) return undefined;
  return (random, now) => {
    try {
      const value = valueOf(described, "", { random, now, presence: 0, first: true });
      return isJsonObject(value) ? value : {};
    } catch {
      return {}; // a pattern that nothing fits; the record that lacks the field is refused by name when it is shown
    }
  };
}

/** The fields of a write that a person could have made; undefined where the schema does not say enough. */
export function makeUpInput(schema: Schema, making: Making): Readonly<Record<string, unknown>> | undefined {
  const described = describe(schema, "input");
  const value = described && valueOf(described, "", { ...making, sparse: true });
  return isJsonObject(value) && Object.keys(value).length > 0 ? value : undefined;
}

function describe(schema: Schema, direction: "input" | "output"): unknown {
  const standard: unknown = schema["~standard"];
  const converter = isJsonObject(standard) ? standard["jsonSchema"] : undefined;
  const convert: unknown = isJsonObject(converter) ? converter[direction] : undefined;
  return typeof convert === "function" ? Reflect.apply(convert, converter, [{ target: "draft-2020-12" }]) : undefined;
}

function valueOf(schema: unknown, name: string, making: Making): unknown {
  if (!isJsonObject(schema)) return null;
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return pick(making.first === true ? () => 0 : making.random, schema["enum"]);
  // What has just come about has not ended yet.
  if (isTimeOfEnd(name) && takesNull(schema)) return null;
  const either: unknown = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(either)) {
    const some: unknown = either.find((one) => !isJsonObject(one) || one["type"] !== "null");
    return valueOf(some, name, making);
  }
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "object":
      return objectOf(schema, making);
    case "array":
      return [valueOf(schema["items"], name.replace(/s$/, ""), making)];
    case "string":
      return textOf(schema, name, making);
    case "integer":
    case "number":
      return numberOf(schema, name, making);
    case "boolean":
      return false;
    default:
      return null;
  }
}

function objectOf(schema: Record<string, unknown>, making: Making): unknown {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const required: readonly unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  const { presence, sparse, random } = making;
  const isThere = (key: string, inner: unknown): boolean => {
    if (required.includes(key)) return true;
    if (sparse === true) return isText(inner) && plausibleText(key, random) !== undefined;
    return presence === undefined || (presence > 0 && random() < presence);
  };
  const wanted = Object.entries(properties).filter(([key, inner]) => isThere(key, inner));
  return Object.fromEntries(wanted.map(([key, inner]) => [key, valueOf(inner, key, making)]));
}

function isText(schema: unknown): boolean {
  if (!isJsonObject(schema)) return false;
  return schema["type"] === "string" && !("enum" in schema);
}

function numberOf(schema: Record<string, unknown>, name: string, { random, now }: Making): number {
  const least = typeof schema["minimum"] === "number" ? Math.max(schema["minimum"], 0) : 0;
  if (/(^|_)(id|number)$/.test(name)) return least + 1_000 + Math.floor(random() * 900_000);
  if (isTimeName(name)) return Math.floor(now.getTime() / 1_000);
  const most = typeof schema["maximum"] === "number" ? Math.min(schema["maximum"], least + 10_000) : least + 10_000;
  return least + Math.floor(random() * (most - least));
}

function textOf(schema: Record<string, unknown>, name: string, { random, now, say = plausibleText }: Making): string {
  const candidates = [
    ...(/_at$|^date|timestamp$/.test(name) || schema["format"] === "date-time" ? [now.toISOString()] : []),
    ...(schema["format"] === "date" ? [now.toISOString().slice(0, 10)] : []),
    ...(name.endsWith("url") || schema["format"] === "uri" ? [`https://provider.example/${letters(random, 8)}`] : []),
    ...(schema["format"] === "email" ? [say("email", random) ?? ""] : []),
    ...(/^(sha|after|before)$/.test(name) ? [hex(random, 40)] : []),
    ...(name === "ref" ? ["refs/heads/main"] : []),
    ...(name === "currency" ? ["eur"] : []),
    say(name, random) ?? letters(random, 12),
    ...(isTimeName(name) ? [String(Math.floor(now.getTime() / 1_000))] : []),
    String(1_000 + Math.floor(random() * 9_000)),
    letters(random, 24),
  ];
  const pattern = typeof schema["pattern"] === "string" ? new RegExp(schema["pattern"], "u") : /^/;
  const longest = typeof schema["maxLength"] === "number" ? schema["maxLength"] : Infinity;
  const fitting = candidates.find((text) => pattern.test(text) && text.length <= longest);
  if (fitting === undefined)
    throw new TypeError(`nothing that was made up for "${name}" fits its pattern, so give an example, or the payload yourself`);
  return fitting;
}

function takesNull({ type, anyOf }: Record<string, unknown>): boolean {
  if (Array.isArray(type)) return type.includes("null");
  return Array.isArray(anyOf) && anyOf.some((one) => isJsonObject(one) && one["type"] === "null");
}

function isTimeOfEnd(name: string): boolean {
  return /^(closed|merged|deleted|cancell?ed|resolved|archived|completed|ended)_?at$/i.test(name);
}

/** Whether a number under this name is a time in Unix seconds. */
export function isTimeName(name: string): boolean {
  return /(^|_)(created|updated|modified|timestamp|at|attempt)$/.test(name) && name !== "attempt";
}
