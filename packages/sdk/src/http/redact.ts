import type { Authorization } from "../auth/authorize.ts";
import type { Credential } from "../auth/credentials.ts";

const mark = "[secret]";
/** Headers that are secrets whatever their value. */
const secretHeaders = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"]);
/** Headers of providers' own that tell by their names. */
const tellingHeader = /(?:^|-)(?:token|secret|password|api-?key|authorization|credentials?)$/;
const tellingName =
  "[a-z_-]*token|[a-z_-]*secret|pass(?:word|wd|phrase)|authorization|api[_-]?key|private[_-]?key|(?:client_)?assertion|code_?verifier";
/** Members of JSON bodies whose texts are secrets wherever they stand; a body may lie in another one as a text, its quotes escaped. */
const secretMembers = new RegExp(`((\\\\{0,7})"(?:${tellingName})\\2"\\s*:\\s*)\\2"(?:(?!\\2")(?:\\\\.|[^\\\\]))*\\2"`, "gi");

/** The same in XML and in forms. */
const secretElements = /(<(?:\w+:)?(?:[a-z_-]*token|[a-z_-]*secret|password|api[_-]?key|private[_-]?key)\b[^<>]*>)[^<]+/gi;
const secretPairs = new RegExp(`((?:^|[&[?#;\\s"'])(?:${tellingName})\\]?=)[^&\\s"'#;<>]+`, "gi");

/** Takes what is secret out of an exchange: known values of the credential, known headers, telling members of JSON bodies. */
export interface Redact {
  text(text: string): string;
  headers(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string>;
}

/** Takes out of a text the members, elements and pairs that tell by their names that they are secret. */
export function redactSecrets(text: string): string {
  return text.replace(secretMembers, `$1$2"${mark}$2"`).replace(secretElements, `$1${mark}`).replace(secretPairs, `$1${mark}`);
}

const nothing: Authorization = { headers: {}, query: {} };

/** `sent`: what a request carries for this credential; its headers are secret as a whole, and what was made of the fields is as well. Default: nothing. */
export function createRedact(credential: Credential, sent: Authorization = nothing): Redact {
  const fields = Object.values(credential).map((secret) => secret.reveal());
  const made = [...Object.values(sent.headers), ...Object.values(sent.query)].map((value) => value.replace(/^[\w-]+ /, ""));
  // The longest first: what is left of a value of which a part was taken out would be found by nobody.
  const values = [...new Set([...fields, ...made])]
    .filter((value) => value !== "")
    .flatMap((value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])
    .toSorted((a, b) => b.length - a.length);
  const withoutValues = (text: string): string => values.reduce((left, value) => left.replaceAll(value, mark), text);
  return {
    text: (text) => redactSecrets(withoutValues(text)),
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) => {
          if (value === undefined) return [];
          const isSecret = secretHeaders.has(name) || tellingHeader.test(name) || Object.hasOwn(sent.headers, name);
          return [[name, isSecret ? mark : redactSecrets(withoutValues(Array.isArray(value) ? value.join(", ") : value))]];
        }),
      ),
  };
}
