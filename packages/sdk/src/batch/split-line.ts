/** The values of a line of CSV. A quote inside a value that does not begin with one is a quote. */
export function splitLine(line: string, separator: string): string[] {
  const values: string[] = [];
  let at = 0;
  for (;;) {
    const { value, end } = line[at] === '"' ? quoted(line, at, separator) : plain(line, at, separator);
    values.push(value);
    if (end >= line.length) return values;
    at = end + separator.length;
  }
}

interface Value {
  readonly value: string;
  /** Where the separator stands, or the line ends. */
  readonly end: number;
}

function plain(line: string, at: number, separator: string): Value {
  const found = line.indexOf(separator, at);
  const end = found === -1 ? line.length : found;
  return { value: line.slice(at, end), end };
}

function quoted(line: string, at: number, separator: string): Value {
  let value = "";
  for (let from = at + 1; ;) {
    const quote = line.indexOf('"', from);
    if (quote === -1) return { value: value + line.slice(from), end: line.length };
    value += line.slice(from, quote);
    if (line[quote + 1] !== '"') {
      const rest = plain(line, quote + 1, separator);
      return { value: value + rest.value, end: rest.end };
    }
    value += '"';
    from = quote + 2;
  }
}
