import type { ListOperation } from "@belay/sdk";
import type { ListingHabits } from "./listing-habits.ts";
import { isHole } from "./listing-habits.ts";
import type { Selection, SortKey } from "./select-records.ts";
import type { StoredRecord } from "./store.ts";

/** What is asked of a listing, and how the provider is disposed. */
export interface Asked {
  readonly list: ListOperation;
  readonly query: URLSearchParams;
  readonly habits: ListingHabits;
  readonly seed: number;
  readonly now: number;
  /** The record that a keyset's last id names, deleted or not. */
  readonly recordById: (id: string) => StoredRecord | undefined;
}

export type Cut =
  | {
      readonly kind: "page";
      readonly records: readonly StoredRecord[];
      readonly more: boolean;
      /** The number of positions, as the provider counts them. */
      readonly total: number;
      /** Where the next page begins, as a token; empty at the end. */
      readonly cursor: string;
      /** When the first page of the listing was asked for, as far as its token says; else now. */
      readonly begunAt?: number;
    }
  | { readonly kind: "bad-cursor"; readonly expired: boolean };

/** The token parameter of links, whose form is the provider's own business. */
export const linkParameter = "cursor";

/** Most records that a page without a declared size has. */
const undeclaredSize = 100;

/** Cuts the page that is asked for out of a listing. */
export function cutPage(selection: Selection, asked: Asked): Cut {
  if (asked.list.paging.kind === "none") {
    const { records } = selection;
    return { kind: "page", records, more: false, total: records.length, cursor: "" };
  }
  const size = pageSize(asked);
  switch (asked.list.paging.kind) {
    case "offset":
      return cutPositions(selection, asked, size, wholeNumber(asked.query.get(asked.list.paging.parameter)) ?? 0);
    case "page": {
      const { parameter, first = 1 } = asked.list.paging;
      const number = wholeNumber(asked.query.get(parameter)) ?? first;
      return cutPositions(selection, asked, size, Math.max(0, number - first) * size);
    }
    case "keyset": {
      const { back } = asked.list.paging;
      const first = back === undefined ? null : asked.query.get(back);
      if (first !== null) return cutBefore(selection, size, asked.recordById(first));
      const id = asked.query.get(asked.list.paging.parameter);
      if (id === null) return cutAfter(selection, asked, size, undefined);
      const last = asked.recordById(id);
      return last === undefined
        ? { kind: "bad-cursor", expired: false }
        : cutAfter(selection, asked, size, { after: selection.keyOf(last) });
    }
    case "cursor":
    case "link": {
      const { paging } = asked.list;
      if (paging.kind === "link" && paging.page !== undefined)
        return cutPositions(selection, asked, size, (Math.max(1, wholeNumber(asked.query.get(paging.page)) ?? 1) - 1) * size);
      const text = asked.query.get(asked.list.paging.kind === "cursor" ? asked.list.paging.parameter : linkParameter);
      if (text === null) return cutAfter(selection, asked, size, undefined);
      const token = readToken(text);
      if (token === undefined) return { kind: "bad-cursor", expired: false };
      const expired = asked.now - token.at >= (asked.habits.cursorLifetimeMs ?? Infinity);
      return expired ? { kind: "bad-cursor", expired } : cutAfter(selection, asked, size, token);
    }
  }
}

/** By position: what is created or deleted before it shifts everything, as it does at real providers. */
function cutPositions({ records }: Selection, { habits, seed, list }: Asked, size: number, start: number): Cut {
  // Who asks for what lies beyond is refused; the total counts it all the same.
  if (start + size > (list.most ?? Infinity)) return { kind: "bad-cursor", expired: false };
  const positions: (StoredRecord | undefined)[] = [];
  let taken = 0;
  for (let block = 0; taken < records.length; block += 1) {
    // A hole is a page full of records that this credential may not see. The first page has none.
    const hole = block > 0 && isHole(seed, String(block), habits);
    const slice = hole ? Array.from({ length: size }, () => undefined) : records.slice(taken, taken + size);
    if (!hole) taken += slice.length;
    positions.push(...slice);
  }
  const page = positions.slice(start, start + size).filter((record) => record !== undefined);
  return { kind: "page", records: page, more: start + size < positions.length, total: positions.length, cursor: "" };
}

/** After a record: nothing is missed or doubled, whatever happens before it. */
function cutAfter({ records, keyOf, compare }: Selection, asked: Asked, size: number, from: Position | undefined): Cut {
  const { after, begunAt = asked.now } = from ?? {};
  const left = after === undefined ? records : records.filter((record) => compare(keyOf(record), after) > 0);
  // A keyset could not go on from an empty page, so no provider with one has any.
  const mayBeEmpty = asked.list.paging.kind !== "keyset" && after !== undefined && from?.wasEmpty !== true && left.length > 0;
  if (mayBeEmpty && isHole(asked.seed, JSON.stringify(after), asked.habits)) {
    return {
      kind: "page",
      records: [],
      more: true,
      total: records.length,
      cursor: writeToken({ after, at: asked.now, wasEmpty: true, begunAt }),
      begunAt,
    };
  }
  const page = left.slice(0, size);
  const last = page.at(-1);
  const more = left.length > page.length;
  const cursor = more && last !== undefined ? writeToken({ after: keyOf(last), at: asked.now, wasEmpty: false, begunAt }) : "";
  return { kind: "page", records: page, more, total: records.length, cursor, begunAt };
}

/** The page that ends before a record; `more`: there are others before it. */
function cutBefore({ records, keyOf, compare }: Selection, size: number, record: StoredRecord | undefined): Cut {
  if (record === undefined) return { kind: "bad-cursor", expired: false };
  const left = records.filter((other) => compare(keyOf(other), keyOf(record)) < 0);
  return { kind: "page", records: left.slice(-size), more: left.length > size, total: records.length, cursor: "" };
}

interface Position {
  readonly after: SortKey;
  readonly wasEmpty?: boolean;
  /** When the first page was asked for, in milliseconds since the epoch. */
  readonly begunAt?: number;
}

interface Token extends Position {
  /** When it was given out, in milliseconds since the epoch. */
  readonly at: number;
}

function writeToken(token: Token): string {
  return Buffer.from(
    JSON.stringify([token.after.value, token.after.serial, token.at, token.wasEmpty ?? false, token.begunAt ?? token.at]),
  ).toString("base64url");
}

function readToken(text: string): Token | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (!Array.isArray(parts)) return undefined;
    const [value, serial, at, wasEmpty, begunAt] = parts as readonly unknown[];
    if ((typeof value !== "string" && typeof value !== "number") || typeof serial !== "number" || typeof at !== "number") return undefined;
    return { after: { value, serial }, at, wasEmpty: wasEmpty === true, begunAt: typeof begunAt === "number" ? begunAt : at };
  } catch {
    return undefined; // no token of ours
  }
}

export function pageSize({ list, query, habits }: Pick<Asked, "list" | "query" | "habits">): number {
  const asked = list.size === undefined ? undefined : wholeNumber(query.get(list.size.parameter));
  const wanted = asked === undefined || asked < 1 ? (list.size?.default ?? undeclaredSize) : asked;
  return Math.max(1, Math.min(wanted, list.size?.max ?? undeclaredSize, habits.serverCap ?? Infinity));
}

export function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
