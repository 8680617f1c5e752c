import type { ListOperation, Order, Paging } from "../../../connector/listing.ts";
import type { PageRequest } from "../request.ts";
import type { WalkAnswer } from "../page.ts";

/** How a provider in memory lists, and what happens to its records between two pages. Rates are between 0 and 1. */
export interface Habits {
  readonly paging: "offset" | "page" | "link-page" | "cursor" | "keyset" | "none";
  readonly end: "total" | "more" | "empty";
  readonly order: "oldest" | "newest" | "changed";
  /** Records at the beginning. */
  readonly records: number;
  /** The largest page, as declared; the server gives no more than `cap`. */
  readonly size: number;
  readonly cap: number;
  /** Pages that come empty amid others, and totals that are wrong. */
  readonly holes: number;
  readonly lies: number;
  /** Cursors that are refused as expired. */
  readonly expiries: number;
  /** Chances of one creation, deletion and update, and how many of each there are at most between two pages. */
  readonly creates: number;
  readonly deletes: number;
  readonly updates: number;
  readonly burst: number;
  /** Whether the listing can be had from a value of its order on. */
  readonly filter: boolean;
  /** The provider lists no more than this. */
  readonly most?: number;
}

interface Row {
  readonly id: string;
  readonly created: number;
  changed: number;
}

/** Mulberry32: small, and the same everywhere. */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What the connector would declare of such a provider. */
export function declare({ paging, end, order, size, filter, most }: Habits): ListOperation {
  const by = order === "changed" ? "changed" : "created";
  const unasked: Order = { by, direction: order === "newest" ? "descending" : "ascending", ...(by === "created" && { fixed: true }) };
  return {
    paging: pagingOf(paging, end),
    size: { parameter: "size", default: size, max: size },
    order: unasked,
    ...(filter && { filters: { from: { field: by, test: "atLeast" } } }),
    ...(most !== undefined && { most }),
  };
}

function pagingOf(paging: Habits["paging"], end: Habits["end"]): Paging {
  const sign = { total: { total: "total" }, more: { more: "more" }, empty: { emptyPage: true } } as const;
  switch (paging) {
    case "offset":
      return { kind: "offset", parameter: "offset", end: sign[end] };
    case "page":
      return { kind: "page", parameter: "page", end: sign[end] };
    case "link-page":
      return { kind: "link", path: "next", page: "page" };
    case "cursor":
      return { kind: "cursor", parameter: "after", next: "next" };
    case "keyset":
      return { kind: "keyset", parameter: "after", more: "more" };
    case "none":
      return { kind: "none" };
  }
}

export interface ModelProvider {
  /** The records that have been there since the beginning. */
  constant(): readonly string[];
  /** What everybody else does between two pages. */
  drift(): void;
  /** Undefined: the cursor is refused. */
  answer(request: PageRequest): WalkAnswer | undefined;
}

export function modelProvider(habits: Habits, random: () => number): ModelProvider {
  const rows = new Map<string, Row>();
  let serial = 0;
  let now = 1_000;
  const create = (): void => {
    // Time goes on by steps that several records share.
    if (random() < 0.4) now += 1;
    serial += 1;
    rows.set(`r${serial}`, { id: `r${serial}`, created: habits.order === "changed" ? now : serial, changed: now });
  };
  for (let n = 0; n < habits.records; n += 1) create();
  const constant = new Set(rows.keys());
  const some = (): Row | undefined => [...rows.values()][Math.floor(random() * rows.size)];
  const blocks = new Map<number, boolean>();
  const isHole = (block: number): boolean => {
    const known = blocks.get(block) ?? random() < habits.holes;
    blocks.set(block, known);
    return known;
  };
  const times = (rate: number): number => (random() < rate ? 1 + Math.floor(random() * habits.burst) : 0);

  return {
    constant: () => [...constant],
    drift() {
      for (let n = times(habits.creates); n > 0; n -= 1) create();
      for (let n = times(habits.deletes); n > 0; n -= 1) {
        const row = some();
        if (row === undefined) continue;
        rows.delete(row.id);
        constant.delete(row.id);
      }
      for (let n = times(habits.updates); n > 0; n -= 1) {
        const row = some();
        now += 1;
        if (row !== undefined) row.changed = now;
      }
    },
    answer(request) {
      const asked = request.kind === "url" ? Object.fromEntries(new URL(request.url, "http://x").searchParams) : request.parameters;
      return serve(habits, [...rows.values()], asked, random, isHole);
    },
  };
}

const valueOf = ({ order }: Habits, row: Row): number => (order === "changed" ? row.changed : row.created);

function serve(
  habits: Habits,
  all: readonly Row[],
  asked: Readonly<Record<string, string | undefined>>,
  random: () => number,
  holes: (block: number) => boolean,
): WalkAnswer | undefined {
  const sign = habits.order === "newest" ? -1 : 1;
  const serialOf = ({ id }: Row): number => Number(id.slice(1));
  const from = habits.filter && asked["from"] !== undefined ? Number(asked["from"]) : -Infinity;
  const listed = all
    .filter((row) => valueOf(habits, row) >= from)
    .toSorted((a, b) => sign * (valueOf(habits, a) - valueOf(habits, b) || serialOf(a) - serialOf(b)))
    .slice(0, habits.most ?? Infinity);
  const size = Math.min(Number(asked["size"] ?? habits.size), habits.cap);
  if (habits.paging === "none") return answerOf(habits, listed, {});
  const isTokened = habits.paging === "cursor" || habits.paging === "keyset";
  if (isTokened) return serveAfter(habits, listed, all, asked["after"], size, random);
  const start = habits.paging === "offset" ? Number(asked["offset"] ?? 0) : (Number(asked["page"] ?? 1) - 1) * size;
  const positions = withHoles(habits, listed, holes);
  const page = positions.slice(start, start + size).filter((row) => row !== undefined);
  const more = start + size < positions.length;
  const total = random() < habits.lies ? Math.max(0, Math.round(listed.length * (0.6 + random() * 0.8))) : positions.length;
  const next = more ? `/rows?size=${size}&page=${Math.floor(start / size) + 2}` : null;
  return answerOf(habits, page, { total, more, next });
}

/** Positions of records that this credential may not see: a page of them comes empty. The first page never does. */
function withHoles({ cap }: Habits, listed: readonly Row[], isHole: (block: number) => boolean): readonly (Row | undefined)[] {
  const positions: (Row | undefined)[] = [];
  let taken = 0;
  for (let block = 0; taken < listed.length; block += 1) {
    const hidden = block > 0 && isHole(block);
    positions.push(...(hidden ? Array.from({ length: cap }, () => undefined) : listed.slice(taken, taken + cap)));
    if (!hidden) taken += cap;
  }
  return positions;
}

function serveAfter(
  habits: Habits,
  listed: readonly Row[],
  all: readonly Row[],
  after: string | undefined,
  size: number,
  random: () => number,
): WalkAnswer | undefined {
  if (after !== undefined && random() < habits.expiries) return undefined;
  const isKeyset = habits.paging === "keyset";
  const sign = habits.order === "newest" ? -1 : 1;
  let left = listed;
  if (after !== undefined) {
    const last = isKeyset ? all.find(({ id }) => id === after) : undefined;
    // A keyset goes on from a record; one that is gone leads nowhere.
    if (isKeyset && last === undefined) return undefined;
    const [value = 0, serial = 0] = last === undefined ? after.split("/").map(Number) : [valueOf(habits, last), Number(last.id.slice(1))];
    left = listed.filter((row) => sign * (valueOf(habits, row) - value || Number(row.id.slice(1)) - serial) > 0);
  }
  const isHole = !isKeyset && after !== undefined && left.length > 0 && random() < habits.holes;
  const page = isHole ? [] : left.slice(0, size);
  const more = left.length > page.length;
  const last = page.at(-1);
  const next = last === undefined ? `${after ?? ""}` : `${valueOf(habits, last)}/${last.id.slice(1)}`;
  return answerOf(habits, page, { more, ...(more && { next: isHole ? `${next}/${Math.floor(random() * 1e9)}` : next }) });
}

function answerOf(habits: Habits, page: readonly Row[], body: object): WalkAnswer {
  return { ids: page.map(({ id }) => id), marks: page.map((row) => valueOf(habits, row)), body };
}
