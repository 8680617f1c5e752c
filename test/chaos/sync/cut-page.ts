import { Refused } from "./refused.ts";
import type { Shape } from "./steps.ts";

/** What stands in a listing: by `value`, then by `serial`. */
export interface Entry {
  readonly id: string;
  readonly value: number;
  readonly serial: number;
  readonly json: object;
}

export interface Pager {
  readonly shape: Shape;
  readonly path: string;
  readonly asked: Readonly<Record<string, string>>;
  /** 1: ascending. */
  readonly sign: 1 | -1;
  /** The number of this request; cursors that were given out before `cursorsFrom` are refused. */
  readonly served: number;
  readonly cursorsFrom: number;
  /** Of the provider's last change. */
  readonly sequence: number;
  readonly random: () => number;
}

export interface CutPage {
  readonly body: object;
  readonly last: boolean;
  /** The provider's last change when the first page was given. */
  readonly asOf: number;
}

/** Cuts a page as the provider does. */
export function cutPage(pager: Pager, entries: readonly Entry[]): CutPage {
  const { shape, sign, asked } = pager;
  const sorted = entries.toSorted((a, b) => sign * (a.value - b.value || a.serial - b.serial));
  const size = Math.max(1, Math.min(Number(asked["size"] ?? shape.size), shape.cap));
  switch (shape.paging) {
    case "offset":
      return cutCounted(pager, sorted, Number(asked["offset"] ?? 0), size);
    case "page":
    case "link-page":
      return cutCounted(pager, sorted, (Number(asked["page"] ?? 1) - 1) * size, size);
    case "keyset":
      return cutAfterId(pager, sorted, size);
    case "cursor":
    case "link-token":
      return cutAtCursor(pager, sorted, size);
  }
}

function cutCounted({ shape, path, asked, sequence, random }: Pager, sorted: readonly Entry[], start: number, size: number): CutPage {
  const items = sorted.slice(start, start + size).map(({ json }) => json);
  const more = start + size < sorted.length;
  const total = shape.lies && random() < 0.5 ? Math.max(0, Math.round(sorted.length * (0.6 + random() * 0.8))) : sorted.length;
  const next = more ? linkTo(path, { ...asked, page: String(start / size + 2), size: String(size) }) : null;
  return { body: { items, more, total, next }, last: !more, asOf: sequence };
}

function cutAfterId({ asked, sequence }: Pager, sorted: readonly Entry[], size: number): CutPage {
  const { after } = asked;
  const at = after === undefined ? -1 : sorted.findIndex(({ id }) => id === after);
  // It goes on from a record; one that is gone leads nowhere.
  if (after !== undefined && at < 0) throw new Refused(400, `there is no item ${after}`);
  const items = sorted.slice(at + 1, at + 1 + size).map(({ json }) => json);
  const more = at + 1 + size < sorted.length;
  return { body: { items, more }, last: !more, asOf: sequence };
}

interface Cursor {
  /** The request that it was given to. */
  readonly served: number;
  readonly value: number;
  readonly serial: number;
  readonly asOf: number;
}

function cutAtCursor(pager: Pager, sorted: readonly Entry[], size: number): CutPage {
  const { shape, path, asked, sign, served, cursorsFrom, sequence, random } = pager;
  const given = asked["cursor"];
  const cursor = given === undefined ? undefined : readCursor(given);
  if (cursor !== undefined && cursor.served < cursorsFrom) throw new Refused(random() < 0.5 ? 400 : 410, "the cursor has expired");
  const left =
    cursor === undefined ? sorted : sorted.filter(({ value, serial }) => sign * (value - cursor.value || serial - cursor.serial) > 0);
  const isHole = shape.holes && cursor !== undefined && left.length > 0 && random() < 0.25;
  const page = isHole ? [] : left.slice(0, size);
  const more = left.length > page.length;
  const asOf = cursor?.asOf ?? sequence;
  const end = page.at(-1) ?? cursor;
  const token = more && end !== undefined ? `${served}.${end.value}.${end.serial}.${asOf}` : null;
  const next = shape.paging === "cursor" || token === null ? token : linkTo(path, { ...asked, cursor: token });
  return { body: { items: page.map(({ json }) => json), next }, last: !more, asOf };
}

function readCursor(text: string): Cursor {
  const [served = 0, value = 0, serial = 0, asOf = 0] = text.split(".").map(Number);
  return { served, value, serial, asOf };
}

function linkTo(path: string, asked: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(asked).toString()}`;
}
