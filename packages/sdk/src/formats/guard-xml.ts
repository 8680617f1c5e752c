import { deepest, lineAt, unreadable } from "./body.ts";

const entities = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][\da-fA-F]{1,6});)/;

/**
 * Refuses what a parser must not even see: a DOCTYPE, which is how entities multiply and files are read; unknown entities; deep nesting;
 * tags that do not match; text or a second element beside the root. One pass, in time proportional to the length.
 *
 * @throws `FORMAT_UNREADABLE` naming the line.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/XML_External_Entity_Prevention_Cheat_Sheet.html
 */
export function guardXml(text: string): void {
  const refuse = (what: string, at: number): never => {
    throw unreadable(`is not acceptable XML in line ${lineAt(text, at)}: ${what}`);
  };
  const open: string[] = [];
  let [roots, at] = [0, 0];
  const behind = (mark: string, from: number): number => {
    const end = text.indexOf(mark, from);
    return end === -1 ? refuse("something is not closed", from) : end + mark.length;
  };
  while (at < text.length) {
    const mark = text.indexOf("<", at);
    const between = text.slice(at, mark === -1 ? text.length : mark);
    if (open.length === 0 && between.trim() !== "") refuse("there is text outside the root element", at);
    if (between.includes("&") && entities.test(between)) refuse("it has an entity that XML does not know", at);
    if (mark === -1) break;
    if (text.startsWith("<!--", mark)) at = behind("-->", mark + 4);
    else if (open.length > 0 && text.startsWith("<![CDATA[", mark)) at = behind("]]>", mark);
    else if (text.startsWith("<!", mark)) refuse("it has a DOCTYPE, which is never read", mark);
    else if (text.startsWith("<?", mark)) at = behind("?>", mark);
    else {
      const tag = readTag(text, mark) ?? refuse("there is a broken tag", mark);
      at = tag.end;
      if (tag.kind === "close" && open.pop() !== tag.name) refuse("a tag closes what is not open", mark);
      if (tag.kind === "close") continue;
      if (open.length === 0) roots += 1;
      if (roots > 1) refuse("there are several root elements", mark);
      if (tag.kind === "open") open.push(tag.name);
      if (open.length > deepest) refuse(`it is nested more deeply than ${deepest} levels`, mark);
    }
  }
  if (open.length > 0) refuse("an element is not closed", text.length);
  if (roots === 0) refuse("there is no element", 0);
}

interface Tag {
  readonly kind: "open" | "close" | "empty";
  readonly name: string;
  /** Behind the `>`. */
  readonly end: number;
}

/** A tag with its attributes, none of them twice; undefined when it is none. */
function readTag(text: string, start: number): Tag | undefined {
  const head = /<(\/?)([^\s<>/="'&!?]+)/y;
  head.lastIndex = start;
  const [whole, slash, name] = head.exec(text) ?? [];
  if (whole === undefined || name === undefined) return undefined;
  const names = new Set<string>();
  const attribute = /\s+([^\s<>/="'&]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
  let end = start + whole.length;
  for (;;) {
    attribute.lastIndex = end;
    const match = attribute.exec(text);
    if (match === null) break;
    const [all, member = "", double, single] = match;
    if (names.has(member) || entities.test(double ?? single ?? "")) return undefined;
    names.add(member);
    end += all.length;
  }
  const tail = /\s*(\/?)>/y;
  tail.lastIndex = end;
  const close = tail.exec(text);
  if (close === null || (slash === "/" && (names.size > 0 || close[1] === "/"))) return undefined;
  return { kind: slash === "/" ? "close" : close[1] === "/" ? "empty" : "open", name, end: end + close[0].length };
}
