import { emailKey, type Normalised, normaliseDomain, normaliseEmail, normalisePhone } from "../normalise/index.ts";
import type { MatchKey } from "../sync/model.ts";

/** What is known of somebody or something, as people wrote it. Nothing, null and empty texts give no key. */
export interface Recognisable {
  /** Its id in another system, with that system's name: certain. */
  readonly external?: readonly { readonly system: string; readonly id: string }[];
  readonly emails?: readonly (string | null | undefined)[];
  readonly phones?: readonly (string | null | undefined)[];
  readonly domains?: readonly (string | null | undefined)[];
  /** The country of telephone numbers that are written without theirs, ISO 3166-1 alpha-2. */
  readonly country?: string;
}

/**
 * The match keys of a record, normalised, for `matchOn` of your own models; the unified models have theirs. What cannot be read gives no key: two that are equally unreadable
 * are not the same.
 */
export function matchKeys({ external = [], emails = [], phones = [], domains = [], country }: Recognisable): MatchKey[] {
  const keys = [
    ...external.filter(({ id }) => id !== "").map(({ system, id }): MatchKey => ({ kind: "external", value: `${system}\n${id}` })),
    ...there(emails).flatMap((text) => toKey("email", normaliseEmail(text), emailKey)),
    ...there(phones).flatMap((text) => toKey("phone", normalisePhone(text, { ...(country !== undefined && { country }) }))),
    ...there(domains).flatMap((text) => toKey("domain", normaliseDomain(text))),
  ];
  return [...new Map(keys.map((key) => [`${key.kind}\n${key.value}`, key])).values()];
}

function there(texts: readonly (string | null | undefined)[]): string[] {
  return texts.flatMap((text) => (text === null || text === undefined || text === "" ? [] : [text]));
}

function toKey(kind: string, read: Normalised<string>, keyOf: (value: string) => string = (value) => value): MatchKey[] {
  return "value" in read ? [{ kind, value: keyOf(read.value) }] : [];
}
