import fc from "fast-check";
import { expect, test } from "vitest";
import { type BatchSource, csv, ndjson, type OpenText } from "../index.ts";

/** A text that comes in pieces of so many bytes. */
const textOf = (text: string, piece = 3): OpenText =>
  async function* (offset) {
    const bytes = new TextEncoder().encode(text);
    for (let at = offset; at < bytes.length; at += piece) yield bytes.subarray(at, Math.min(bytes.length, at + piece));
  };

/** All pages; each cursor goes through JSON, as it does on its way through the database. */
async function readAll<Item>(source: BatchSource<Item>): Promise<Item[][]> {
  const pages: Item[][] = [];
  for (let cursor: unknown = null; ;) {
    const page = await source.read({ cursor, input: null, tenant: "acme", target: undefined, signal: new AbortController().signal });
    pages.push(page.items.map((item) => source.parse(JSON.parse(JSON.stringify(item)))));
    if (page.next === undefined) return pages;
    cursor = JSON.parse(JSON.stringify(page.next));
  }
}

test("lines of JSON come in pages, whatever pieces the text comes in", async () => {
  const text = '\uFEFF{"a":1}\n\n{"a":"ü€😀"}\r\n[3]\n"four"';
  for (const piece of [1, 2, 7, 1_000])
    expect(await readAll(ndjson(textOf(text, piece), { pageSize: 2 }))).toEqual([
      [{ a: 1 }, { a: "ü€😀" }],
      [[3], "four"],
    ]);
});

test("a text without lines is one empty page", async () => {
  expect(await readAll(ndjson(textOf("")))).toEqual([[]]);
  expect(await readAll(csv(textOf("name,mail\n")))).toEqual([[]]);
});

test("values of CSV may hold separators, quotes and line ends, and a page goes on in the middle of the text", async () => {
  const text = 'name,note\r\n"Lovelace, Ada","said ""yes""\nand went"\r\nGrace,\r\n"",x\r\n';
  expect(await readAll(csv(textOf(text), { pageSize: 1 }))).toEqual([
    [{ name: "Lovelace, Ada", note: 'said "yes"\nand went' }],
    [{ name: "Grace", note: "" }],
    [{ name: "", note: "x" }],
    [],
  ]);
  expect((await readAll(csv(textOf("a;b\n1;2\n"), { separator: ";" }))).flat()).toEqual([{ a: "1", b: "2" }]);
});

test("a line that cannot be read fails alone, when it is its turn", async () => {
  const lines = ndjson(textOf('{"a":1}\n{"a":\n{"a":3}'));
  const page = await lines.read({ cursor: null, input: null, tenant: "acme", target: undefined, signal: new AbortController().signal });
  expect(page.items).toHaveLength(3);
  expect(() => lines.parse(page.items[1])).toThrow(expect.objectContaining({ code: "SDK_BATCH_ITEM_MALFORMED" }));
  const rows = csv(textOf("a,b\n1,2\n1,2,3\n"));
  const table = await rows.read({ cursor: null, input: null, tenant: "acme", target: undefined, signal: new AbortController().signal });
  expect(() => rows.parse(table.items[1])).toThrow(expect.objectContaining({ code: "SDK_BATCH_ITEM_MALFORMED" }));
});

test("whatever values there are, they come back, page by page", async () => {
  const value = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "é", " "), maxLength: 8 });
  const write = (row: readonly string[]): string => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(",");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, value), { maxLength: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (rows, pageSize, piece) => {
        const text = [["x", "y"], ...rows].map((row) => `${write(row)}\r\n`).join("");
        const read = (await readAll(csv(textOf(text, piece), { pageSize }))).flat();
        expect(read).toEqual(rows.map(([x, y]) => ({ x, y })));
      },
    ),
    { numRuns: 200 },
  );
});
