/**
 * The target of the first link with this relation in `Link` headers; undefined when there is none.
 *
 * @see RFC 8288, section 3
 */
export function findLink(header: string | string[] | undefined, relation: string): string | undefined {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  for (let start = text.indexOf("<"); start !== -1; start = text.indexOf("<", start)) {
    const end = text.indexOf(">", start);
    if (end === -1) return undefined;
    const parameters = readParameters(text, end + 1);
    const relations = parameters.values.get("rel")?.toLowerCase().split(/\s+/) ?? [];
    if (relations.includes(relation)) return text.slice(start + 1, end);
    start = parameters.end;
  }
  return undefined;
}

/** The parameters of one link, up to the comma that ends it; of a repeated one the first counts. */
function readParameters(text: string, start: number): { readonly values: ReadonlyMap<string, string>; readonly end: number } {
  const values = new Map<string, string>();
  const parameter = /\s*;\s*([^\s=;,"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;
  let end = start;
  for (;;) {
    parameter.lastIndex = end;
    const match = parameter.exec(text);
    if (match === null) return { values, end };
    const [whole, name = "", quoted, plain = ""] = match;
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, quoted?.replaceAll(/\\(.)/g, "$1") ?? plain);
    end += whole.length;
  }
}
