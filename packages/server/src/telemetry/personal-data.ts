/** Something that tells of a person, found in a text. */
export interface PersonalValue {
  /** `email` and `phone` are known by their look; `text` and `number` stood in a field that was named. */
  readonly kind: "email" | "phone" | "text" | "number";
  /** The same for all spellings: an address in lower case, a phone number without its spaces. */
  readonly value: string;
  /** As it stood there. */
  readonly written: string;
}

/** What is put in a value's place. */
export type ReplaceValue = (found: PersonalValue) => string;

/**
 * Replaces the personal data of a text: the values of the named fields, where the text is JSON, a form or XML, and whatever looks like an e-mail address or a phone
 * number, in paths and queries too. JSON stays JSON; a number becomes a text. What is put in place must not look personal itself.
 *
 * @param fields dotted paths from anywhere in the document, `contact.phone`; lists are passed through. All that is below a named field counts.
 */
export function replacePersonalData(text: string, fields: readonly string[], replace: ReplaceValue): string {
  return replaceLooks(fields.length === 0 ? text : replaceFields(text, fields, replace), replace);
}

/** The token that stands for a value wherever it occurs. `digest`: of its kind and value, hexadecimal. */
export function tokenOf(kind: PersonalValue["kind"], digest: string): string {
  return `[${kind}:${digest.slice(0, 12)}]`;
}

/** Finds the tokens of `tokenOf`; its groups are kind and digest. */
export const personalToken = /\[(email|phone|text|number):([0-9a-f]{12})\]/g;

function replaceFields(text: string, fields: readonly string[], replace: ReplaceValue): string {
  const paths = fields.map((field) => field.split("."));
  if (/^\s*[[{]/.test(text)) {
    try {
      return replaceInJson(text, paths, replace);
    } catch {
      // Cut off, or several documents: then by the names of members alone.
    }
  }
  return replaceByName(text, paths, replace);
}

function replaceInJson(text: string, paths: readonly string[][], replace: ReplaceValue): string {
  // A number that JavaScript cannot hold is kept as it is written.
  const parsed: unknown = JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && source !== String(value) ? new WrittenNumber(source) : value;
  });
  let found = false;
  const walk = (value: unknown, at: readonly string[], personal: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item) => walk(item, at, personal));
    if (value instanceof WrittenNumber) return personal ? walk(Number(value.source), at, true) : value;
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => {
          const here = [...at, name];
          return [name, walk(item, here, personal || paths.some((path) => endsWith(here, path)))];
        }),
      );
    }
    if (!personal || (typeof value !== "string" && typeof value !== "number") || value === "") return value;
    found = true;
    return typeof value === "string"
      ? replaceText(value, replace)
      : replace({ kind: "number", value: String(value), written: String(value) });
  };
  const walked = walk(parsed, [], false);
  // Where nothing was found the text stays as it was, down to its spaces.
  return found ? writeJson(walked) : text;
}

/** A number as it is written in the document. */
class WrittenNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** `JSON.stringify` that keeps written numbers. */
function writeJson(value: unknown): string {
  if (value instanceof WrittenNumber) return value.source;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${writeJson(item)}`);
  return `{${members.join(",")}}`;
}

function endsWith(at: readonly string[], path: readonly string[]): boolean {
  return path.length <= at.length && path.every((name, index) => name === at[at.length - path.length + index]);
}

/** A text of a named field: by its look where the whole of it has one, so that the same address has the same token everywhere. */
function replaceText(text: string, replace: ReplaceValue): string {
  // What was replaced before is not replaced again.
  if (new RegExp(`^${personalToken.source}$`).test(text)) return text;
  let whole: PersonalValue | undefined;
  replaceLooks(text.trim(), (value) => {
    if (value.written === text.trim()) whole = value;
    return "";
  });
  // What stands around it tells of nobody, and a schema may refuse it.
  return text.replace(text.trim(), () => replace(whole ?? { kind: "text", value: text.trim(), written: text.trim() }));
}

/** In forms, queries, XML, and JSON that cannot be parsed. */
function replaceByName(text: string, paths: readonly string[][], replace: ReplaceValue): string {
  const names = paths.map((path) => (path.at(-1) ?? "").replaceAll(/[^\w-]/g, "\\$&")).join("|");
  return text
    .replaceAll(new RegExp(`("(?:${names})"\\s*:\\s*)"((?:[^"\\\\]|\\\\.)+)"?`, "g"), (_all, before: string, value: string) => {
      return `${before}"${replaceText(value, replace)}"`;
    })
    .replaceAll(new RegExp(`((?:^|[?&[])(?:${names})\\]?=)([^&\\s]+)`, "g"), (_all, before: string, value: string) => {
      return `${before}${encodeOther(replaceText(decode(value), replace))}`;
    })
    .replaceAll(new RegExp(`(<(?:\\w+:)?(?:${names})(?:\\s[^<>]*)?>)([^<]+)`, "g"), (_all, before: string, value: string) => {
      return `${before}${replaceText(value, replace)}`;
    });
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value; // no encoding of UTF-8: as it stands
  }
}

/** A token is readable in a query; anything else is encoded. */
function encodeOther(value: string): string {
  return new RegExp(`^${personalToken.source}$`).test(value) ? value : encodeURIComponent(value);
}

/*
 * Lengths are bounded, and a match begins at the start of a word only: a long text without an address must not cost the square of its length. An escape of JSON
 * before the address, `\n`, is none of its letters.
 */
const address =
  /(?:(\\(?:[bfnrt]|u[\da-f]{4}))|(?<![\p{L}\p{N}._+%-]))((?:[\p{L}\p{N}._+'-]|%2b){1,64})(@|%40)([\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8})/giu;

const separator = "(?:[ ()./-]|%20)";
const phones = [
  // With the country's code.
  new RegExp(`(?<![\\w.%+])(?:\\+|%2b)[1-9](?:${separator}{0,2}\\d){6,14}(?![\\d])`, "gi"),
  // Without: a bracket or a zero in front, or in three groups as in North America. Never plain digits, which most ids are.
  /(?<![\w.+/:-])\(\d{2,5}\)[ -]?\d{3,}(?:[ -]?\d{2,}){0,3}(?![\w:-])/g,
  /(?<![\w.+/:-])0\d{2,4}[ /-]\d{3,}(?:[ -]?\d{2,}){0,3}(?![\w:-])/g,
  /(?<![\w.+/:-])\d{3}[ .-]\d{3}[ .-]\d{4}(?![\w:-])/g,
] as const;
const fewestDigits = 8;

function replaceLooks(text: string, replace: ReplaceValue): string {
  let left = text;
  if (left.includes("@") || /%40/.test(left)) {
    left = left.replace(address, (_all, escape: string | undefined, local: string, at: string, domain: string) => {
      const name = local.replaceAll(/%2b/gi, "+");
      return `${escape ?? ""}${replace({ kind: "email", value: `${name}@${domain}`.toLowerCase(), written: `${local}${at}${domain}` })}`;
    });
  }
  for (const phone of phones) {
    left = left.replace(phone, (written) => {
      const plain = written.replaceAll(/%20/g, " ").replaceAll(/%2b/gi, "+");
      const digits = plain.replaceAll(/\D/g, "");
      if (digits.length < fewestDigits) return written;
      return replace({ kind: "phone", value: `${plain.startsWith("+") ? "+" : ""}${digits}`, written });
    });
  }
  return left;
}
