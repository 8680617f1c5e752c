import { parse } from "csv-parse/sync";
import { unreadable, unwritable } from "./body.ts";
import { textOfValue } from "./form.ts";

export interface CsvOptions {
  /** Between two cells. Default `,`. */
  readonly delimiter?: string;
}

/** Largest row, in characters: what a quote that is never closed may swallow. */
const longestRow = 1_000_000;

/**
 * The rows below the header, each by the header's names. Every cell is a text.
 *
 * @throws `FORMAT_UNREADABLE` naming the line of a row with too many or too few cells, of an open quote, or a header with doubled names.
 * @see RFC 4180
 */
export function decodeCsv(text: string, { delimiter = "," }: CsvOptions = {}): Readonly<Record<string, string>>[] {
  try {
    const rows: string[][] = parse(text, { delimiter, skip_empty_lines: true, max_record_size: longestRow });
    const [header = [], ...body] = rows;
    const doubled = header.find((name, index) => header.indexOf(name) !== index);
    if (doubled !== undefined) throw unreadable("has two columns of the same name");
    return body.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ""])));
  } catch (error) {
    const { code, lines } = Object(error) as { code?: unknown; lines?: unknown };
    if (code === "FORMAT_UNREADABLE") throw error;
    throw unreadable(`is not CSV${typeof lines === "number" ? ` in line ${lines}` : ""}${reasons[String(code)] ?? ""}`);
  }
}

const reasons: Readonly<Record<string, string | undefined>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: ": a row has another number of cells than the header",
  CSV_QUOTE_NOT_CLOSED: ": a quote is not closed",
  CSV_MAX_RECORD_SIZE: `: a row is longer than ${longestRow} characters`,
  CSV_INVALID_CLOSING_QUOTE: ": something follows a closing quote",
  INVALID_OPENING_QUOTE: ": a quote stands within a cell",
};

/**
 * Rows under a header with the names of all of them.
 *
 * @throws `FORMAT_UNWRITABLE` for a value that is no row, or a cell that holds an object or a list.
 */
export function encodeCsv(values: unknown, { delimiter = "," }: CsvOptions = {}): string {
  const rows: readonly unknown[] = Array.isArray(values) ? values : [values];
  const records = rows.map((row) => {
    if (typeof row !== "object" || row === null || Array.isArray(row)) throw unwritable("CSV needs rows with named cells");
    return new Map<string, unknown>(Object.entries(row));
  });
  const header = [...new Set(records.flatMap((row) => [...row.keys()]))];
  const cellOf = (name: string, value: unknown): string => {
    if (typeof value === "object" && value !== null) throw unwritable(`CSV cannot hold the object in "${name}"`);
    const text = textOfValue(value);
    return text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [header.map((name) => cellOf(name, name)), ...records.map((row) => header.map((name) => cellOf(name, row.get(name))))];
  return lines.map((cells) => `${cells.join(delimiter)}\r\n`).join("");
}
