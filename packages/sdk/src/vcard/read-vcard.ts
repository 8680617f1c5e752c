import ICAL from "ical.js";
import { lineAt, unreadable } from "../formats/body.ts";
import { designOf } from "./design.ts";
import type { JCard, JCardProperty, JCardValue } from "./properties.ts";

/** Longest card, in characters: one with a large photograph. */
const longestCard = 10_000_000;

/** Longest name and parameters of a property, in characters; the parser's time grows with their square. */
const longestHead = 10_000;

/**
 * One vCard, of version 3.0 or 4.0.
 *
 * @throws `FORMAT_UNREADABLE` naming the line that is none of a vCard; also for version 2.1, and for several cards.
 * @see RFC 6350 (4.0), RFC 2426 (3.0), RFC 7095 (jCard)
 */
export function readVcard(text: string): JCard {
  if (text.length > longestCard) throw unreadable(`is a vCard of more than ${longestCard} characters`);
  // A line that begins with a blank goes on with the one before.
  const lines = text
    .replaceAll(/\r?\n[ \t]/g, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  const refuse = (what: string, line: string): never => {
    throw unreadable(`is not a vCard near line ${lineAt(text, Math.max(0, text.indexOf(line.slice(0, 40))))}: ${what}`);
  };
  const [first = "", ...rest] = lines;
  if (!/^begin:vcard\s*$/i.test(first)) throw unreadable("is not a vCard: it does not begin with BEGIN:VCARD");
  const last = rest.pop() ?? "";
  if (!/^end:vcard\s*$/i.test(last)) throw unreadable("is not a vCard: it does not end with END:VCARD");
  const version = /^version:\s*(\S+)\s*$/im.exec(rest.join("\n"))?.[1] ?? "";
  if (version !== "3.0" && version !== "4.0") throw unreadable("is a vCard of another version than 3.0 and 4.0");
  const properties = rest.map((line) => readProperty(line, version) ?? refuse("it is no property", line));
  const misplaced = properties.find(([name]) => name === "begin" || name === "end");
  if (misplaced !== undefined) throw unreadable("is more than one vCard");
  return ["vcard", [["version", {}, "text", version], ...properties.filter(([name]) => name !== "version")]];
}

function readProperty(line: string, version: string): JCardProperty | undefined {
  const [head = ""] = /^(?:[^":]|"[^"]*")*/.exec(line) ?? [];
  const name = /^[\w-]+(?:\.[\w-]+)?(?=[;:])/.exec(line)?.[0];
  if (name === undefined || head.length > longestHead || head.length === line.length) return undefined;
  if (/^(begin|end)$/i.test(name)) return [name.toLowerCase(), {}, "text", ""];
  let parsed: unknown;
  try {
    parsed = ICAL.parse.property(line, designOf(version));
  } catch {
    return undefined;
  }
  return toProperty(parsed);
}

/** The parser's types say nothing, so what it gives is looked at. */
function toProperty(parsed: unknown): JCardProperty | undefined {
  if (!Array.isArray(parsed)) return undefined;
  const [name, parameters, type, ...values] = parsed as unknown[];
  if (typeof name !== "string" || typeof type !== "string" || !isParameters(parameters) || !values.every(isValue)) return undefined;
  return [name, parameters, type, ...values];
}

function isParameters(value: unknown): value is Readonly<Record<string, string | readonly string[]>> {
  return typeof value === "object" && value !== null && Object.values(value).every((one) => typeof one === "string" || isTexts(one));
}

function isValue(value: unknown): value is JCardValue {
  return typeof value === "string" || (Array.isArray(value) && value.every((part) => typeof part === "string" || isTexts(part)));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
