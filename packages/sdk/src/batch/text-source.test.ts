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

test("a quote in the middle of a value is one, and takes no lines along", async () => {
  const text = 'size,what\n5" pipe,x\n6" hose,y\n"7"" rod",z\n8"9","a\nb"\n';
  for (const piece of [1, 5, 1_000])
    expect((await readAll(csv(textOf(text, piece)))).flat()).toEqual([
      { size: '5" pipe', what: "x" },
      { size: '6" hose', what: "y" },
      { size: '7" rod', what: "z" },
      { size: '8"9"', what: "a\nb" },
    ]);
  expect((await readAll(csv(textOf('\uFEFF"a\nb"::c\n1::"2\n::3"\n'), { separator: "::" }))).flat()).toEqual([
    { "a\nb": "1", c: "2\n::3" },
  ]);
});

/** What became of each line: its item, or why it failed. */
async function outcomes(source: BatchSource<unknown>): Promise<unknown[]> {
  const { items } = await source.read({
    cursor: null,
    input: null,
    tenant: "acme",
    target: undefined,
    signal: new AbortController().signal,
  });
  return items.map((item) => {
    try {
      return source.parse(JSON.parse(JSON.stringify(item)));
    } catch (error) {
      return (error as Error).message;
    }
  });
}

test("a quote that nothing closes fails alone, and does not make one value of the rest", async () => {
  expect(await outcomes(csv(textOf('a,b\n1,2\n3,"4\n5,6\n7,8\n')))).toEqual([
    { a: "1", b: "2" },
    "The line begins a value with a quote that nothing closes.",
  ]);
});

test("a line that is too long for a message is let go while it is read, and fails alone", async () => {
  const long = "x".repeat(3_000_000);
  expect(await outcomes(ndjson(textOf(`1\n"${long}"\n3`, 65_536)))).toEqual([1, "The line is longer than 1000000 bytes.", 3]);
});

test("a page of long lines ends before it is too much to be kept together", async () => {
  const line = JSON.stringify("x".repeat(900_000));
  const pages = await readAll(ndjson(textOf(`${line}\n`.repeat(12), 65_536)));
  expect(pages.flat()).toHaveLength(12);
  expect(Math.max(...pages.map((page) => page.length))).toBeLessThan(6);
});

test("what is no UTF-8 is not passed on as something else", async () => {
  const latin: OpenText = async function* (offset) {
    yield Buffer.from('"ok"\n"caf\u00e9"\n', "latin1").subarray(offset);
  };
  expect(await outcomes(ndjson(latin))).toEqual(["ok", "The line is no text in UTF-8."]);
});

test("a column that is named twice is refused: one of the two would be lost", async () => {
  await expect(readAll(csv(textOf("name,mail,name\n1,2,3\n")))).rejects.toMatchObject({
    code: "SDK_BATCH_PAGE_INVALID",
    message: expect.stringContaining('"name" twice'),
  });
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
