import { createRedact } from "@belay/sdk/http";
import { replacePersonalData } from "./personal-data.ts";

const secretName = /token|secret|password|passwd|authorization|api[_-]?key|private[_-]?key|cookie|credential/i;
/** Whatever is sent as a credential of HTTP, and tokens that are signed: they are known by their look. */
const secretLooks = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
const deepest = 6;
const mostMembers = 100;
const longestText = 20_000;

const redact = createRedact({});

/** A text as a log may have it: without what looks like a secret or like an e-mail address or a phone number. What a flow or a driver writes nobody knows beforehand. */
export function scrubText(text: string): string {
  const short =
    text.length > longestText ? `${text.slice(0, longestText).toWellFormed()}… [${text.length - longestText} characters more]` : text;
  const withoutSecrets = redact
    .text(short)
    .replaceAll(secretLooks, (_all, scheme?: string) => (scheme === undefined ? "[secret]" : `${scheme} [secret]`));
  return replacePersonalData(withoutSecrets, [], ({ kind }) => `[${kind}]`);
}

/** The facts of a line of the log, scrubbed all the way down; plain data of bounded depth and size. Members whose names tell of a secret lose their values. */
export function scrubFacts(facts: object): Record<string, unknown> {
  return Object.fromEntries(entriesOf(facts).map(([name, value]) => [name, scrubMember(name, value, 1)]));
}

function scrubMember(name: string, value: unknown, depth: number): unknown {
  return secretName.test(name) && (typeof value === "string" || typeof value === "object") && value !== null
    ? "[secret]"
    : scrub(value, depth);
}

function scrub(value: unknown, depth: number): unknown {
  if (typeof value === "string") return scrubText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= deepest) return "[deeper]";
  if (value instanceof Error) return scrub(describeError(value), depth);
  if ("toJSON" in value && typeof value.toJSON === "function") return scrub((value.toJSON as () => unknown)(), depth + 1);
  if (Array.isArray(value)) return value.slice(0, mostMembers).map((item) => scrub(item, depth + 1));
  return Object.fromEntries(entriesOf(value).map(([name, item]) => [name, scrubMember(name, item, depth + 1)]));
}

function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).slice(0, mostMembers) as [string, unknown][];
}

const deepestCause = 5;

/** What a log may know of an error. Never its other members: a driver hangs its whole connection on an error, and with it what nobody may read. */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === "string" ? error : typeof error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const cause = error.cause === undefined || depth >= deepestCause ? undefined : describeError(error.cause, depth + 1);
  return {
    name: error.name,
    ...(code !== undefined && { code }),
    message: error.message,
    stack: error.stack,
    ...(cause !== undefined && { cause }),
  };
}
