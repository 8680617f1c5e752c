import { z } from "zod";
import {
  normaliseCountry,
  normaliseDay,
  normaliseDomain,
  normaliseEmail,
  normaliseInstant,
  normaliseMinorUnits,
  normaliseMoney,
  normaliseName,
  normalisePhone,
} from "../normalise/index.ts";
import type { Money, Normalised } from "../normalise/index.ts";
import * as parts from "./parts.ts";
import type { Address, Email, Kind, OrderLine, Phone, Reference } from "./parts.ts";

/** What values are read with. */
export interface Reading {
  /** Where telephone numbers without a country are at home. */
  readonly country: string | undefined;
  /** Whose clock shows times without an offset. */
  readonly zone: string | undefined;
  /** Takes the value; what could not be read is kept, with its place. */
  readonly take: <T>(at: string, normalised: Normalised<T>) => T | undefined;
}

/** One field of a model: what it holds, and how it is made of what a provider says. */
export interface Field<Value, Draft> {
  readonly schema: z.ZodType<Value>;
  /** What it holds where the provider says nothing. */
  readonly empty: Value;
  readonly read: (draft: Draft, name: string, reading: Reading) => Value;
}

type Said = string | null | undefined;

/** Names of people, companies and places: one line, single spaces. */
export const name: Field<string | null, Said> = {
  schema: parts.text,
  empty: null,
  read: (draft, at, { take }) => take(at, normaliseName(draft ?? "")) ?? null,
};

/** Any text; line breaks become `\n`. */
export const longText: Field<string | null, Said> = {
  schema: parts.text,
  empty: null,
  read: (draft) => ((draft ?? "").trim() === "" ? null : (draft ?? "").normalize("NFC").replaceAll(/\r\n?/g, "\n")),
};

/** Numbers and keys that providers give out: a text, whatever it is made of. */
export const key: Field<string | null, string | number | null | undefined> = {
  schema: parts.text,
  empty: null,
  read: (draft) => (draft === null || draft === undefined || draft === "" ? null : String(draft)),
};

export const moment: Field<string | null, Said | Date> = {
  schema: parts.moment,
  empty: null,
  read: (draft, at, { take, zone }) => {
    const said = draft instanceof Date ? draft.toJSON() : draft;
    return take(at, normaliseInstant(said ?? "", { zone })) ?? null;
  },
};

export const day: Field<string | null, Said> = {
  schema: parts.day,
  empty: null,
  read: (draft, at, { take }) => take(at, normaliseDay(draft ?? "")) ?? null,
};

export const count: Field<number | null, number | string | null | undefined> = {
  schema: z.number().nullable(),
  empty: null,
  read: (draft) => {
    const value = typeof draft === "string" && draft.trim() !== "" ? Number(draft) : draft;
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  },
};

/** One of a few words. What a provider says beyond them is mapped to one of them, by its mapping. */
export function choice<const Word extends string>(...words: readonly [Word, ...Word[]]): Field<Word | null, Word | null | undefined> {
  return { schema: z.enum(words).nullable(), empty: null, read: (draft) => draft ?? null };
}

type EmailDraft = Said | { readonly address: Said; readonly kind?: Kind };
/** In the provider's order, the first is the main one; none twice. */
export const emails: Field<readonly Email[], readonly EmailDraft[]> = {
  schema: z.array(parts.email).readonly(),
  empty: [],
  read: (drafts, at, { take }) =>
    distinct(
      drafts.flatMap((draft, index) => {
        const { address, kind = "other" } = typeof draft === "object" && draft !== null ? draft : { address: draft };
        const value = take(`${at}.${index}`, normaliseEmail(address ?? ""));
        return value === undefined ? [] : [{ address: value, kind }];
      }),
      (each) => each.address,
    ),
};

type PhoneDraft = Said | { readonly number: Said; readonly kind?: Kind; readonly country?: Said };
/** As `emails`. A draft's own `country`, a code or a name, stands above that of the reading. */
export const phones: Field<readonly Phone[], readonly PhoneDraft[]> = {
  schema: z.array(parts.phone).readonly(),
  empty: [],
  read: (drafts, at, { take, country: home }) =>
    distinct(
      drafts.flatMap((draft, index) => {
        const {
          number,
          kind = "other",
          country,
        } = typeof draft === "object" && draft !== null ? { country: null, ...draft } : { number: draft, country: null };
        const own = normaliseCountry(country ?? "");
        const value = take(`${at}.${index}`, normalisePhone(number ?? "", { country: "value" in own ? own.value : home }));
        return value === undefined ? [] : [{ number: value, kind }];
      }),
      (each) => each.number,
    ),
};

type AddressDraft = { readonly [Part in Exclude<keyof Address, "kind">]?: Said } & { readonly kind?: Kind };
/** One of which nothing is known is left out. */
export const addresses: Field<readonly Address[], readonly (AddressDraft | null | undefined)[]> = {
  schema: z.array(parts.address).readonly(),
  empty: [],
  read: (drafts, at, reading) =>
    drafts.flatMap((draft, index) => {
      const line = (part: Said): string | null => name.read(part, "", { ...reading, take: valueOf });
      const country = reading.take(`${at}.${index}.country`, normaliseCountry(draft?.country ?? "")) ?? null;
      const street = longText.read(draft?.street, at, reading)?.trim() ?? null;
      const rest = { locality: line(draft?.locality), region: line(draft?.region), postalCode: line(draft?.postalCode) };
      const isEmpty = street === null && country === null && Object.values(rest).every((part) => part === null);
      return isEmpty ? [] : [{ street, ...rest, country, kind: draft?.kind ?? "other" }];
    }),
};

export const domains: Field<readonly string[], readonly Said[]> = {
  schema: z.array(z.string()).readonly(),
  empty: [],
  read: (drafts, at, { take }) => [
    ...new Set(drafts.flatMap((draft, index) => take(`${at}.${index}`, normaliseDomain(draft ?? "")) ?? [])),
  ],
};

/** Words that people hang on things: none twice, in order of the alphabet, since providers give them in any. */
export const tags: Field<readonly string[], readonly Said[]> = {
  schema: z.array(z.string()).readonly(),
  empty: [],
  read: (drafts, _at, reading) =>
    [...new Set(drafts.flatMap((draft) => name.read(draft, "", { ...reading, take: valueOf }) ?? []))].toSorted(),
};

/** `minor`: in the smallest unit already; `amount`: a decimal number. */
type MoneyDraft =
  | { readonly minor: number | null | undefined; readonly currency: Said }
  | { readonly amount: string | number | null | undefined; readonly currency: Said };
export const money: Field<Money | null, MoneyDraft | null | undefined> = {
  schema: parts.money.nullable(),
  empty: null,
  read: (draft, at, { take }) => {
    if (draft === null || draft === undefined) return null;
    const currency = draft.currency ?? "";
    if ("minor" in draft)
      return draft.minor === null || draft.minor === undefined ? null : (take(at, normaliseMinorUnits(draft.minor, currency)) ?? null);
    return draft.amount === null || draft.amount === undefined || draft.amount === ""
      ? null
      : (take(at, normaliseMoney(draft.amount, currency)) ?? null);
  },
};

export interface ReferenceDraft {
  readonly externalId?: string | number | null | undefined;
  readonly name?: Said;
  readonly email?: Said;
}
/** Null where nothing is known of it. */
export const reference: Field<Reference | null, ReferenceDraft | null | undefined> = {
  schema: parts.reference.nullable(),
  empty: null,
  read: (draft, at, reading) => {
    const externalId = key.read(draft?.externalId, at, reading);
    const called = name.read(draft?.name, at, { ...reading, take: valueOf });
    const email = reading.take(`${at}.email`, normaliseEmail(draft?.email ?? "")) ?? null;
    return externalId === null && called === null && email === null ? null : { externalId, name: called, email };
  },
};

export const references: Field<readonly Reference[], readonly ReferenceDraft[]> = {
  schema: z.array(parts.reference).readonly(),
  empty: [],
  read: (drafts, at, reading) => drafts.flatMap((draft, index) => reference.read(draft, `${at}.${index}`, reading) ?? []),
};

export interface LineDraft {
  readonly name?: Said;
  readonly sku?: Said;
  readonly quantity?: number | null | undefined;
  readonly unitPrice?: MoneyDraft | null | undefined;
  readonly total?: MoneyDraft | null | undefined;
}
export const lines: Field<readonly OrderLine[], readonly LineDraft[]> = {
  schema: z.array(parts.line).readonly(),
  empty: [],
  read: (drafts, at, reading) =>
    drafts.map((draft, index) => ({
      name: name.read(draft.name, `${at}.${index}.name`, reading),
      sku: key.read(draft.sku, at, reading),
      quantity: draft.quantity ?? null,
      unitPrice: money.read(draft.unitPrice, `${at}.${index}.unitPrice`, reading),
      total: money.read(draft.total, `${at}.${index}.total`, reading),
    })),
};

function valueOf<T>(_at: string, normalised: Normalised<T>): T | undefined {
  return "value" in normalised ? normalised.value : undefined;
}

/** The first of those that are the same. */
function distinct<T>(items: readonly T[], by: (item: T) => string): readonly T[] {
  const seen = new Set<string>();
  return items.filter((item) => !seen.has(by(item)) && seen.add(by(item)));
}
