import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertiesOf, readVcard, textOfProperty, withProperties, writeVcard } from "./index.ts";

const card = (version: string, ...lines: string[]): string => ["BEGIN:VCARD", `VERSION:${version}`, ...lines, "END:VCARD", ""].join("\r\n");

const ada = [
  "UID:abc",
  "FN:Ada Lovelace\\, Countess",
  "N:Lovelace;Ada;;;",
  "EMAIL;TYPE=work,pref:ada@example.com",
  "item1.TEL;TYPE=CELL:+44 20 7946 0000",
  "item1.X-ABLabel:_$!<Mobile>!$_",
  "ORG:Analytical Engines;Research",
  "NOTE:first\\nsecond",
  "REV:2024-01-01T00:00:00Z",
  "BDAY:--1210",
  'X-ANYTHING;X-OWN="a;b":v:w',
  "CATEGORIES:a,b",
];

describe.each(["3.0", "4.0"])("vCard %s", (version) => {
  test("what is read and written again says the same, what nobody knows included", () => {
    const read = readVcard(card(version, ...ada));
    expect(readVcard(writeVcard(read))).toEqual(read);
    expect(writeVcard(read)).toContain("REV:2024-01-01T00:00:00Z\r\n");
    expect(writeVcard(read)).toContain('X-ANYTHING;X-OWN="a;b":v:w\r\n');
    expect(writeVcard(read)).toMatch(/^BDAY(;VALUE=DATE)?:--1210\r$/m);
  });

  test("texts lose their escapes, structured values become parts, groups stay", () => {
    const read = readVcard(card(version, ...ada));
    expect(textOfProperty(propertiesOf(read, "fn")[0])).toBe("Ada Lovelace, Countess");
    expect(propertiesOf(read, "n")[0]?.[3]).toEqual(["Lovelace", "Ada", "", "", ""]);
    expect(propertiesOf(read, "x-ablabel")[0]?.[1]).toEqual({ group: "item1" });
    expect(propertiesOf(read, "note")[0]?.[3]).toBe("first\nsecond");
  });

  test("any text comes back as it was", () => {
    const printable = fc.string({ unit: "binary", minLength: 1, maxLength: 120 }).map((text) => text.replaceAll(/[\p{Cc}]/gu, "\n"));
    fc.assert(
      fc.property(printable, (text) => {
        const written = writeVcard([
          "vcard",
          [
            ["version", {}, "text", version],
            ["note", {}, "text", text],
          ],
        ]);
        expect(propertiesOf(readVcard(written), "note")[0]?.[3]).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

test("a semicolon in a text may have a backslash before it", () => {
  const read = readVcard(card("3.0", "NOTE:first\\, second\\; third;fourth\\\\;", "N:Lovelace\\;King;Ada;;;"));
  expect(textOfProperty(propertiesOf(read, "note")[0])).toBe("first, second; third;fourth\\;");
  expect(propertiesOf(read, "n")[0]?.[3]).toEqual(["Lovelace;King", "Ada", "", "", ""]);
  expect(readVcard(writeVcard(read))).toEqual(read);
});

test("folded lines are one, and the preferred address comes first", () => {
  const read = readVcard(card("4.0", "EMAIL:second@exa", " mple.com", "EMAIL;PREF=1:first@example.com"));
  expect(propertiesOf(read, "email").map((property) => textOfProperty(property))).toEqual(["first@example.com", "second@example.com"]);
});

test("properties are replaced where they stand, and the rest stays", () => {
  const changed = withProperties(readVcard(card("3.0", "FN:Ada", "TITLE:Countess", "NOTE:x")), "title", [
    ["title", {}, "text", "Programmer"],
  ]);
  expect(writeVcard(changed)).toBe(card("3.0", "FN:Ada", "TITLE:Programmer", "NOTE:x"));
});

test.each([
  ["", "BEGIN:VCARD"],
  ["hello", "BEGIN:VCARD"],
  ["BEGIN:VCARD\r\nVERSION:3.0\r\n", "END:VCARD"],
  [card("2.1", "N:x"), "version"],
  [card("4.0", "no property here"), "line 3"],
  [card("4.0", `X;${"A=b;".repeat(5_000)}A=c:x`), "line 3"],
  [`${card("3.0", "FN:a")}${card("3.0", "FN:b")}`, "more than one"],
])("what is no vCard is refused without a word of it (%#)", (text, part) => {
  expect(() => readVcard(text)).toThrow(expect.objectContaining({ code: "FORMAT_UNREADABLE", message: expect.stringContaining(part) }));
});

test("a value cannot begin a property of its own", () => {
  const written = writeVcard([
    "vcard",
    [
      ["version", {}, "text", "4.0"],
      ["url", {}, "uri", "https://a\r\nX-EVIL:1"],
    ],
  ]);
  expect(readVcard(written)[1].map(([name]) => name)).toEqual(["version", "url"]);
  expect(() =>
    writeVcard([
      "vcard",
      [
        ["version", {}, "text", "4.0"],
        ["note", { type: "a\r\nX-EVIL:1" }, "text", "x"],
      ],
    ]),
  ).toThrow(expect.objectContaining({ code: "FORMAT_UNWRITABLE" }));
});
