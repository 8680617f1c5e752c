/**
 * Makes the generated document say what people need and no more: one schema per name instead of one for each direction (ours are the same both ways), integers
 * without the bounds of JavaScript, times without the regular expression that `format` stands for, and objects that may gain members, as answers do over time.
 */
export function tidyDocument<Document extends object>(document: Document): Document {
  return tidy(document, "") as Document;
}

function tidy(value: unknown, parent: string): unknown {
  if (Array.isArray(value)) return value.map((item) => tidy(item, ""));
  // What the library writes where no description is given.
  if (value === "Default Response") return "The answer.";
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([name, member]) => !isNoise(name, member, value, parent));
  return Object.fromEntries(
    members.map(([name, member]) => [
      name,
      name === "$ref" && typeof member === "string" ? member.replace(/Input$/, "") : tidy(member, name),
    ]),
  );
}

function isNoise(name: string, member: unknown, within: object, parent: string): boolean {
  if (parent === "properties") return false; // a property may have any name
  if (parent === "schemas") return name.endsWith("Input") && Object.hasOwn(within, name.slice(0, -"Input".length));
  if (name === "additionalProperties") return member === false;
  if (name === "pattern") return Reflect.get(within, "format") === "date-time";
  return (name === "minimum" || name === "maximum") && typeof member === "number" && Math.abs(member) === Number.MAX_SAFE_INTEGER;
}
