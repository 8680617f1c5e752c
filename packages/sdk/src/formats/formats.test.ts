import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBody, encodeBody, refuseOtherType } from "./index.ts";
import type { Bodies, BodyFormat, WireBody } from "./index.ts";

async function read(format: BodyFormat, body: string | Uint8Array, options: Bodies & { type?: string } = {}): Promise<unknown> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const wire: WireBody = { text: Buffer.from(bytes).toString("utf8"), bytes, contentType: options.type };
  return decodeBody(format, wire, options);
}

async function roundTrip(format: BodyFormat, value: unknown, options: Bodies = {}): Promise<unknown> {
  const { body, contentType } = encodeBody(format, value, options);
  return read(format, body, { ...options, type: contentType });
}

const name = fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,8}$/).filter((text) => !(text in {}));
/** XML 1.0 and text lines can write no control characters. */
const text = fc
  .string({ unit: "binary", minLength: 1, maxLength: 20 })
  .map((value) => `a${value.replaceAll(/[\p{Cc}\uFFFE\uFFFF]/gu, "")}b`);
const flat = fc.dictionary(name, text, { minKeys: 1, maxKeys: 6 });
const nested = fc.dictionary(name, fc.oneof(text, flat, fc.array(text, { minLength: 2, maxLength: 4 })), { minKeys: 1, maxKeys: 5 });

describe("what is written is read back as it was", () => {
  const holds = <T>(values: fc.Arbitrary<T>, check: (value: T) => Promise<void>) =>
    fc.assert(fc.asyncProperty(values, check), { numRuns: 60 });

  test.each(["json", "form", "multipart"] as const)("as %s", async (format) => {
    await holds(nested, async (value) => {
      expect(await roundTrip(format, value)).toEqual({ ...value });
    });
  });

  test("as xml, below its root", async () => {
    await holds(nested, async (value) => {
      expect(await roundTrip("xml", { root: value })).toEqual({ root: { ...value } });
    });
  });

  test("as csv, with any cells", async () => {
    const rows = fc.array(fc.record({ a: fc.string({ maxLength: 12 }), b: text }), { minLength: 1, maxLength: 5 });
    await holds(fc.tuple(rows, fc.constantFrom(",", ";", "\t")), async ([value, delimiter]) => {
      expect(await roundTrip("csv", value, { csv: { delimiter } })).toEqual(value.map((row) => ({ ...row })));
    });
  });

  test("as ndjson, a line each", async () => {
    await holds(fc.array(fc.jsonValue()), async (values) => {
      expect(await roundTrip("ndjson", values)).toEqual(JSON.parse(JSON.stringify(values)));
    });
  });

  test("a file in a multipart body, byte by byte, and the same bytes each time", async () => {
    const content = Uint8Array.from({ length: 256 }, (_, index) => index);
    const value = { title: "Scan", tags: ["a", "b"], file: { filename: 'a "b".bin', contentType: "image/png", content } };
    expect(await roundTrip("multipart", value)).toEqual(value);
    expect(encodeBody("multipart", value)).toEqual(encodeBody("multipart", value));
  });
});

describe("XML", () => {
  test("is plain data: attributes with @, repeated elements as lists, empty ones as empty texts, nil as null, CDATA as it stands", async () => {
    const document = `<?xml version="1.0"?><!-- hi --><a xmlns="urn:x" n="1 &amp; 2"><b>&lt;x&gt; &#65;&#x42;</b><c/><d xsi:nil="true"/><b>2</b><e><![CDATA[<&amp;>]]></e><f u="EUR">7</f></a>\n`;
    expect(await read("xml", document)).toEqual({
      a: { "@n": "1 & 2", b: ["<x> AB", "2"], c: "", d: null, e: "<&amp;>", f: { "@u": "EUR", "#text": "7" } },
    });
    expect(await read("xml", document, { xml: { attributes: "drop", lists: ["c"] } })).toMatchObject({ a: { c: [""], d: "", f: "7" } });
  });

  test.each([
    [
      "several hundred expansions",
      `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><lolz>&lol2;</lolz>`,
      "line 1: it has a DOCTYPE, which is never read",
    ],
    [
      "a file by reference",
      `<?xml version="1.0"?>\n<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>`,
      "line 2: it has a DOCTYPE, which is never read",
    ],
    ["a DOCTYPE in lower case", `<!doctype r><r/>`, "it has a DOCTYPE, which is never read"],
    ["an unknown entity", `<a>\n&nbsp;</a>`, "it has an entity that XML does not know"],
    ["an unknown entity in an attribute", `<a b="&x;"/>`, "there is a broken tag"],
    ["two roots", `<a/><b/>`, "there are several root elements"],
    ["text beside the root", `hello <a/>`, "there is text outside the root element"],
    ["nothing", ` `, "there is no element"],
    ["a tag that does not match", `<a><b></a>`, "a tag closes what is not open"],
    ["an attribute twice", `<a b="1" b="2"/>`, "there is a broken tag"],
    ["an attribute without quotes", `<a b=1/>`, "there is a broken tag"],
    ["an element that is not closed", `<a><b>`, "an element is not closed"],
    ["a comment that is not closed", `<a><!-- </a>`, "something is not closed"],
    ["depth", "<a>".repeat(5_000) + "</a>".repeat(5_000), "it is nested more deeply than 200 levels"],
    [
      "a name that would change objects",
      `<a><__proto__>1</__proto__></a>`,
      "is not XML, or an element has a name that cannot be a member's",
    ],
    ["a number that is no character", `<a>&#xFFFFFF;</a>`, "is not XML: it has a number that is no character"],
  ])("with %s is refused", async (_what, document, message) => {
    await expect(read("xml", document)).rejects.toMatchObject({ code: "FORMAT_UNREADABLE", message: expect.stringContaining(message) });
  });

  test("hostile documents of a million marks are refused in a moment", async () => {
    for (const mark of ["<!--", "<![CDATA[", "<a b='", "&", "<a>", "<?"]) {
      await expect(read("xml", mark.repeat(1_000_000))).rejects.toMatchObject({ code: "FORMAT_UNREADABLE" });
    }
  });

  test("is read in the encoding that its declaration names", async () => {
    const latin = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?><a>Zoë</a>`, "latin1");
    expect(await read("xml", latin)).toEqual({ a: "Zoë" });
    const wide = Buffer.from(`\uFEFF<a>Zoë</a>`, "utf16le");
    expect(await read("xml", wide)).toEqual({ a: "Zoë" });
  });

  test.each([
    [{ a: 1, b: 2 }, "XML needs one root element; declare wrap.one"],
    ["text", "XML needs one root element; declare wrap.one"],
    [{ a: { "b c": 1 } }, "a member's name cannot be an XML element's"],
    [{ a: "\u0001" }, "XML has no way to write a control character"],
  ])("cannot be written of %j", (value, message) => {
    expect(() => encodeBody("xml", value)).toThrow(expect.objectContaining({ code: "FORMAT_UNWRITABLE", message }));
  });
});

describe("CSV", () => {
  test.each([
    ["a row that is too short", "a,b\r\n1\r\n", "is not CSV in line 2: a row has another number of cells than the header"],
    ["an open quote", 'a,b\n1,"2\n', "a quote is not closed"],
    ["a doubled name", "a,a\n1,2\n", "has two columns of the same name"],
    ["an endless row", `a\n"${"x".repeat(1_100_000)}`, "a row is longer than 1000000 characters"],
  ])("%s is refused", async (_what, body, message) => {
    await expect(read("csv", body)).rejects.toMatchObject({ code: "FORMAT_UNREADABLE", message: expect.stringContaining(message) });
  });

  test("names that change objects are cells like others, and the byte order mark belongs to no name", async () => {
    const [row] = (await read("csv", "\uFEFFid,__proto__\n1,x\n")) as Record<string, string>[];
    expect(Object.entries(row ?? {})).toEqual([
      ["id", "1"],
      ["__proto__", "x"],
    ]);
  });

  test("a cell cannot hold an object", () => {
    expect(() => encodeBody("csv", [{ a: { b: 1 } }])).toThrow(expect.objectContaining({ code: "FORMAT_UNWRITABLE" }));
  });
});

describe("JSON and NDJSON", () => {
  test.each([
    ["json", "{", "is not JSON"],
    ["json", "[".repeat(100_000) + "]".repeat(100_000), "is nested more deeply than 200 levels"],
    ["ndjson", '{"a":1}\n\n{"a":\n', "is not NDJSON in line 3"],
  ] as const)("%s that is broken is refused", async (format, body, message) => {
    await expect(read(format, body)).rejects.toMatchObject({ code: "FORMAT_UNREADABLE", message });
  });

  test("brackets in texts are no depth", async () => {
    expect(await read("json", JSON.stringify(`${"[".repeat(1_000)}\\"[`))).toHaveLength(1_003);
  });

  test("bytes that are not UTF-8 are refused, a replacement character that was meant is not", async () => {
    await expect(read("json", Buffer.from('"\xff"', "latin1"))).rejects.toMatchObject({ message: "is not valid UTF-8" });
    expect(await read("json", '"\uFFFD"')).toBe("\uFFFD");
    await expect(read("json", '"x"', { type: "application/json; charset=klingon" })).rejects.toMatchObject({
      message: 'has the unknown character encoding "klingon"',
    });
    expect(await read("csv", Buffer.from("a\nZoë\n", "latin1"), { type: "text/csv; charset=windows-1252" })).toEqual([{ a: "Zoë" }]);
  });
});

describe("the media type", () => {
  const docx = Buffer.from("PK\u0003\u0004\u0014\u0000\u0006\u0000word/document.xml", "latin1");
  const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  const judge = (format: BodyFormat, bytes: Buffer, contentType?: string): void =>
    refuseOtherType(format, { text: bytes.toString("utf8"), bytes, contentType });

  test.each(["json", "form", "multipart", "xml", "csv", "ndjson"] as const)("of a .docx is refused where %s is expected", (format) => {
    for (const type of [word, "application/octet-stream", undefined, "text/plain"])
      expect(() => judge(format, docx, type)).toThrow(
        expect.objectContaining({
          code: "FORMAT_TYPE_UNEXPECTED",
          message: expect.stringMatching(/^is of another type than expected: [\w/-]+ is expected, this is .*ZIP archive, such as a \.docx/),
        }),
      );
  });

  test.each([
    ["json", "application/vnd.api+json; charset=utf-8"],
    ["json", "text/plain"],
    ["xml", "application/atom+xml"],
    ["csv", "application/octet-stream"],
    ["ndjson", "application/jsonl"],
  ] as const)("of %s may be %s", (format, type) => {
    expect(() => judge(format, Buffer.from("x"), type)).not.toThrow();
  });

  test("of an HTML page is refused", () => {
    expect(() => judge("json", Buffer.from("<html>"), "text/html")).toThrow("application/json is expected, this is text/html");
  });
});
