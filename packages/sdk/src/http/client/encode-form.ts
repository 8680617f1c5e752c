/**
 * Fields as `application/x-www-form-urlencoded`: members in brackets (`metadata[plan]=pro`), items by their number (`items[0]=a`).
 * Null empties a field; undefined leaves it out.
 *
 * @see https://docs.stripe.com/api/metadata
 */
export function encodeForm(fields: unknown): string {
  const pairs: [string, string][] = [];
  collect("", fields, pairs);
  return new URLSearchParams(pairs).toString();
}

function collect(name: string, value: unknown, pairs: [string, string][]): void {
  if (value === undefined) return;
  if (typeof value === "object" && value !== null) {
    for (const [member, inner] of Object.entries(value)) collect(name === "" ? member : `${name}[${member}]`, inner, pairs);
    return;
  }
  pairs.push([name, typeof value === "string" ? value : value === null ? "" : JSON.stringify(value)]);
}
