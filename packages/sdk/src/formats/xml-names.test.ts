import { expect, test } from "vitest";
import { decodeXml, encodeXml } from "./xml.ts";

const namespaces = { d: "DAV:", card: "urn:ietf:params:xml:ns:carddav" };
const read = (text: string): unknown => decodeXml(text, { namespaces });

test("elements have the contract's prefix, whatever prefix the provider chose", () => {
  const expected = { "d:multistatus": { "d:href": "/a", "card:address-data": "x" } };
  expect(
    read(
      '<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><href>/a</href><C:address-data>x</C:address-data></multistatus>',
    ),
  ).toEqual(expected);
  expect(
    read(
      '<D:multistatus xmlns:D="DAV:"><D:href>/a</D:href><address-data xmlns="urn:ietf:params:xml:ns:carddav">x</address-data></D:multistatus>',
    ),
  ).toEqual(expected);
});

test("a prefix means what the nearest element says", () => {
  expect(read('<x:a xmlns:x="DAV:"><x:b xmlns:x="urn:other">1</x:b><x:c>2</x:c></x:a>')).toEqual({ "d:a": { "x:b": "1", "d:c": "2" } });
});

test("names of other namespaces, and attributes without a prefix, stay as they came", () => {
  expect(read('<a xmlns="DAV:" xmlns:y="urn:y" y:k="1" k="2"><y:b/></a>')).toEqual({ "d:a": { "@y:k": "1", "@k": "2", "y:b": "" } });
  expect(read('<q:a xmlns:q="DAV:" q:k="1">t</q:a>')).toEqual({ "d:a": { "@d:k": "1", "#text": "t" } });
});

test("what is written declares them, and is read as it was", () => {
  const value = { "d:sync-collection": { "d:sync-token": "", "d:prop": { "card:address-data": "" } } };
  const written = encodeXml(value, { namespaces });
  expect(written).toContain('<d:sync-collection xmlns:d="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav">');
  expect(read(written)).toEqual(value);
});
