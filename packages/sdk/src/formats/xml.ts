import { XMLParser } from "fast-xml-parser";
import { deepest, unreadable, unwritable } from "./body.ts";
import { textOfValue } from "./form.ts";
import { guardXml } from "./guard-xml.ts";
import { openScope } from "./xml-names.ts";
import type { NameScope } from "./xml-names.ts";

export interface XmlOptions {
  /** Whether attributes are read, as members `@name`. Default `keep`; with `drop` an element with text alone is always a text. */
  readonly attributes?: "keep" | "drop";
  /** Elements that are lists inside a record, by name: with one item XML cannot tell. Default: what comes twice is a list. */
  readonly lists?: readonly string[];
  /**
   * Namespaces by the prefix under which this contract names them: `{ d: "DAV:" }` makes `d:href` of the element, whatever prefix the provider
   * chose; and what we write declares them. Names of other namespaces stay as they came. Default: prefixes are part of names, as they came.
   *
   * @see https://www.w3.org/TR/xml-names/
   */
  readonly namespaces?: Readonly<Record<string, string>>;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  cdataPropName: "#cdata",
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  maxNestedTags: deepest + 1,
});

/**
 * An XML document as plain data: `<a x="1"><b>t</b></a>` is `{ a: { "@x": "1", b: "t" } }`. What comes twice is a list; an empty element is
 * an empty text, one with `nil="true"` is null; text beside members is `#text`. Every value is a text. Prefixes stay part of names; where `namespaces` are given they
 * are those of the contract.
 *
 * @throws `FORMAT_UNREADABLE`, also for any DOCTYPE.
 */
export function decodeXml(text: string, options: XmlOptions = {}): unknown {
  guardXml(text);
  let nodes: unknown;
  try {
    nodes = parser.parse(text);
  } catch {
    throw unreadable("is not XML, or an element has a name that cannot be a member's");
  }
  const names = options.namespaces === undefined ? undefined : openScope(options.namespaces);
  return toValue(nodes, undefined, options, names);
}

/** The encoding that the declaration names, if any. */
export function xmlEncoding(text: string): string | undefined {
  return /^\uFEFF?<\?xml[^>]*\sencoding=["']([\w.:-]+)["']/.exec(text.slice(0, 200))?.[1];
}

type Members = Record<string, unknown>;

function toValue(nodes: unknown, attributes: unknown, options: XmlOptions, names: NameScope | undefined): unknown {
  const members: Members = {};
  let text = "";
  const kept = options.attributes === "drop" ? [] : Object.entries(Object(attributes) as Members);
  if (kept.some(([name, value]) => /^@(\w+:)?nil$/.test(name) && value === "true")) return null;
  for (const [name, value] of kept) if (!/^@xmlns(:|$)/.test(name)) members[names?.attribute(name) ?? name] = unescapeXml(String(value));
  for (const node of Array.isArray(nodes) ? nodes : []) {
    const { ":@": inner, ...element } = Object(node) as Members;
    const [[name, content] = ["", undefined]] = Object.entries(element);
    if (name === "#text") text += unescapeXml(String(content));
    else if (name === "#cdata") text += textWithin(content);
    else {
      const within = names?.enter(Object(inner) as Members);
      const member = within?.element(name) ?? name;
      add(members, member, toValue(content, inner, options, within), options.lists?.includes(member) === true);
    }
  }
  if (Object.keys(members).length === 0) return text;
  return text.trim() === "" ? members : { ...members, "#text": text };
}

function textWithin(nodes: unknown): string {
  return (Array.isArray(nodes) ? nodes : []).map((node) => textOfValue((Object(node) as Members)["#text"])).join("");
}

function add(members: Members, name: string, value: unknown, isList: boolean): void {
  const known = members[name];
  if (known === undefined) members[name] = isList ? [value] : value;
  else if (Array.isArray(known)) known.push(value);
  else members[name] = [known, value];
}

const named: Readonly<Record<string, string | undefined>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (code > 0x10_ff_ff || (code >= 0xd8_00 && code <= 0xdf_ff)) throw unreadable("is not XML: it has a number that is no character");
    return String.fromCodePoint(code);
  });
}

/**
 * The way back: members `@name` become attributes, lists repeat their element, null and "" an empty element; undefined is left out.
 *
 * @throws `FORMAT_UNWRITABLE` when there is not exactly one root, a name is none of XML, or a text has a control character.
 */
export function encodeXml(value: unknown, { namespaces = {} }: XmlOptions = {}): string {
  const roots = isMembers(value) ? Object.entries(value).filter(([, inner]) => inner !== undefined) : [];
  const [root] = roots;
  if (root === undefined || roots.length > 1 || Array.isArray(root[1])) throw unwritable("XML needs one root element; declare wrap.one");
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementOf(root[0], withDeclarations(root[1], namespaces))}`;
}

function withDeclarations(content: unknown, namespaces: Readonly<Record<string, string>>): unknown {
  const declared = Object.entries(namespaces).map(([prefix, uri]) => [prefix === "" ? "@xmlns" : `@xmlns:${prefix}`, uri] as const);
  if (declared.length === 0) return content;
  return { ...Object.fromEntries(declared), ...(isMembers(content) ? content : { "#text": textOfValue(content) }) };
}

function elementOf(name: string, value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => elementOf(name, item)).join("");
  const tag = nameOf(name);
  if (!isMembers(value)) return wrap(tag, "", escapeXml(textOfValue(value)));
  const attributes = Object.entries(value)
    .filter(([member, inner]) => member.startsWith("@") && inner !== undefined)
    .map(([member, inner]) => ` ${nameOf(member.slice(1))}="${escapeXml(textOfValue(inner)).replaceAll('"', "&quot;")}"`)
    .join("");
  const content = Object.entries(value)
    .filter(([member]) => !member.startsWith("@"))
    .map(([member, inner]) => (member === "#text" ? escapeXml(textOfValue(inner)) : elementOf(member, inner)))
    .join("");
  return wrap(tag, attributes, content);
}

function wrap(tag: string, attributes: string, content: string): string {
  return content === "" ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${content}</${tag}>`;
}

function nameOf(name: string): string {
  if (/^[\p{L}_][\p{L}\p{N}_.:-]*$/u.test(name)) return name;
  throw unwritable("a member's name cannot be an XML element's");
}

// oxlint-disable-next-line no-control-regex -- it is these that XML 1.0 has no way to write
const unwritten = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

function escapeXml(text: string): string {
  if (unwritten.test(text)) throw unwritable("XML has no way to write a control character");
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}

function isMembers(value: unknown): value is Readonly<Members> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
