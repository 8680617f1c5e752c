import { BelayError } from "../errors/belay-error.ts";
import type { BatchPage, BatchRead, BatchSource } from "./define-batch.ts";
import { splitLine } from "./split-line.ts";
import { type Line, takeLines } from "./take-lines.ts";

/**
 * Opens a text from a byte on: `(offset) => createReadStream(path, { start: offset })`, or a request with `range: bytes=${offset}-` whose answer honours it. It is opened once
 * for each page, and closed as soon as the page is full: a text of any length is never in memory.
 */
export type OpenText = (offset: number, signal: AbortSignal) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;

export interface TextOptions {
  /** Lines of a page. Default 500. */
  readonly pageSize?: number;
}

export interface CsvSourceOptions extends TextOptions {
  /** Default: a comma. */
  readonly separator?: string;
}

interface Place {
  readonly offset: number;
  readonly columns?: readonly string[];
}

const defaultPageSize = 500;

/** One JSON value a line. Empty lines are none; a line that is no JSON fails alone, as `SDK_BATCH_ITEM_MALFORMED`. */
export function ndjson(open: OpenText, { pageSize = defaultPageSize }: TextOptions = {}): BatchSource<unknown> {
  return {
    read: async ({ cursor, signal }) => {
      const { offset } = placeOf(cursor);
      const { lines, next } = await takeLines(await open(offset, signal), { offset, most: pageSize, separator: null });
      return toPage(lines, next === null ? null : { offset: next });
    },
    parse: (line) => {
      const text = textOf(line as Line);
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw new BelayError("SDK_BATCH_ITEM_MALFORMED", "The line is no JSON.", { cause: error });
      }
    },
  };
}

/**
 * Lines of values with the names of the columns in the first one, as RFC 4180 has them: values may stand in quotes and then hold separators, line ends and doubled quotes. A
 * line with more or fewer values than columns fails alone. Reading throws `SDK_BATCH_PAGE_INVALID` where the first line cannot be read, or names a column twice.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function csv(
  open: OpenText,
  { pageSize = defaultPageSize, separator = "," }: CsvSourceOptions = {},
): BatchSource<Readonly<Record<string, string>>> {
  return {
    read: async ({ cursor, signal }: BatchRead) => {
      const { offset, columns: known } = placeOf(cursor);
      const most = known === undefined ? pageSize + 1 : pageSize;
      const { lines, next } = await takeLines(await open(offset, signal), { offset, most, separator });
      const columns = known ?? columnsOf(lines[0] ?? "", separator);
      const rows = (known === undefined ? lines.slice(1) : lines).map((line) => ({ columns, line }));
      return toPage(rows, next === null ? null : { offset: next, columns });
    },
    parse: (row) => {
      const { columns, line } = row as { readonly columns: readonly string[]; readonly line: Line };
      const values = splitLine(textOf(line), separator);
      if (values.length !== columns.length)
        throw new BelayError("SDK_BATCH_ITEM_MALFORMED", `The line has ${values.length} values for ${columns.length} columns.`);
      return Object.fromEntries(columns.map((name, index) => [name, values[index] ?? ""]));
    },
  };
}

/** @throws `SDK_BATCH_ITEM_MALFORMED`. */
function textOf(line: Line): string {
  if (typeof line === "string") return line;
  throw new BelayError("SDK_BATCH_ITEM_MALFORMED", `The line ${line.unread}.`);
}

function columnsOf(line: Line, separator: string): readonly string[] {
  if (typeof line !== "string") throw new BelayError("SDK_BATCH_PAGE_INVALID", `The first line, which names the columns, ${line.unread}.`);
  const columns = splitLine(line, separator);
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  // One of the two would be lost in every item.
  if (twice !== undefined) throw new BelayError("SDK_BATCH_PAGE_INVALID", `The first line names the column "${twice}" twice.`);
  return columns;
}

function placeOf(cursor: unknown): Place {
  return cursor === null ? { offset: 0 } : (cursor as Place);
}

function toPage(items: readonly unknown[], next: Place | null): BatchPage<unknown> {
  return { items, ...(next !== null && { next }) };
}
