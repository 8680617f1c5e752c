import type { Filter, ListOperation, Order, Paging } from "../../connector/listing.ts";

/**
 * What moves in a listing while it is read.
 *
 * - `fixed`: in the order of a value that a record keeps for as long as it exists. What comes and goes shifts positions, nothing else.
 * - `rising`: ascending by a value that only grows, such as the time of the last change: what changes moves to the end, where the walk comes yet.
 * - `changing`: anything else. A record may move from before the walk to behind it.
 */
export type Steadiness = "fixed" | "rising" | "changing";

/** Everything that a walk needs to know of a listing, worked out once from its declaration. Plain data. */
export interface WalkPlan {
  readonly paging: Paging;
  /** The field of an entry that holds its id, by dotted path. */
  readonly id: string;
  /** Sent with every page, beside where it begins: the resource's own, those of the filters and of the order. */
  readonly parameters: Readonly<Record<string, string>>;
  /** How many records are asked for, and the parameter that says so; undefined where the provider decides. */
  readonly size?: { readonly parameter: string; readonly asked: number };
  readonly steadiness: Steadiness;
  /** The field that the listing is ordered by, by dotted path, where there is one. */
  readonly mark?: string;
  /** Descending: what is new comes before all that was read. */
  readonly falling: boolean;
  /** A filter by which the walk can go on where a cursor is lost: from this value of `mark` on, that value included. */
  readonly hop?: string;
  /** The provider lists no more records than this. */
  readonly most?: number;
  /**
   * Whether pages that count positions are made to overlap, and the end is looked at twice where its sign may be wrong. Without, nothing is
   * proven.
   */
  readonly careful: boolean;
  readonly covers: "all" | "changes";
  /** A filter hides records. */
  readonly narrowed: boolean;
}

/** What a walk is to be of. */
export interface WalkWish {
  /** The id field of the records. */
  readonly id: string;
  /** Parameters of every page; those of filters stand above the filters' defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Order by name. Default: the one under which most can be proven. */
  readonly order?: string;
  /** A field whose values only grow, such as the time of the last change. */
  readonly rising?: string;
  /** Default: the largest. */
  readonly pageSize?: number;
  readonly careful: boolean;
  /** Default `all`. */
  readonly covers?: "all" | "changes";
}

/** The plan of a walk. */
export function planWalk(list: ListOperation, wish: WalkWish): WalkPlan {
  const opened = wish.careful ? openedFilters(list, wish.parameters ?? {}) : { parameters: {}, narrowed: false };
  const order = chooseOrder(list, wish);
  const asked = list.size === undefined ? undefined : (wish.pageSize ?? list.size.max);
  const mark = order.order?.by;
  const hop = mark === undefined || order.order?.direction === "descending" ? undefined : filterFrom(list, mark);
  return {
    paging: list.paging,
    id: wish.id,
    parameters: {
      ...list.query,
      ...(list.size !== undefined && asked !== undefined && { [list.size.parameter]: String(asked) }),
      ...order.query,
      ...opened.parameters,
      ...wish.parameters,
    },
    ...(list.size !== undefined && asked !== undefined && { size: { parameter: list.size.parameter, asked } }),
    steadiness: order.steadiness,
    ...(mark !== undefined && { mark }),
    falling: order.order?.direction === "descending",
    ...(hop !== undefined && { hop }),
    ...(list.most !== undefined && { most: list.most }),
    careful: wish.careful,
    covers: wish.covers ?? "all",
    narrowed: opened.narrowed,
  };
}

/** Filters that hide records unasked are opened, where the provider has a value for that. */
function openedFilters(
  { filters = {} }: ListOperation,
  given: Readonly<Record<string, string>>,
): { readonly parameters: Readonly<Record<string, string>>; readonly narrowed: boolean } {
  const closed = Object.entries(filters).filter(([name, filter]) => hides(filter) && given[name] === undefined);
  const parameters = closed.flatMap(([name, { all }]) => (all === undefined ? [] : [[name, all] as const]));
  return { parameters: Object.fromEntries(parameters), narrowed: closed.some(([, { all }]) => all === undefined) };
}

function hides(filter: Filter): boolean {
  return filter.default !== undefined && filter.default !== filter.all;
}

interface Chosen {
  readonly order: Order | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly steadiness: Steadiness;
}

/** Unless one is named: for changes the order in which they happened, else the steadiest, ascending before descending, unasked before asked. */
function chooseOrder(list: ListOperation, wish: WalkWish): Chosen {
  const unasked: Chosen = { order: list.order, query: {}, steadiness: steadinessOf(list.order, wish) };
  const orders = Object.entries(list.orders ?? {}).map(([name, order]): Chosen & { readonly name: string } => {
    return { name, order, query: order.query, steadiness: steadinessOf(order, wish) };
  });
  if (wish.order !== undefined) return orders.find(({ name }) => name === wish.order) ?? unasked;
  if (!wish.careful) return unasked;
  const first: Steadiness = wish.covers === "changes" && wish.rising !== undefined ? "rising" : "fixed";
  const rank = ({ steadiness, order }: Chosen): number =>
    (steadiness === first ? 0 : steadiness === "changing" ? 4 : 2) + (order?.direction === "descending" ? 1 : 0);
  return [unasked, ...orders].toSorted((a, b) => rank(a) - rank(b))[0] ?? unasked;
}

function steadinessOf(order: Order | undefined, { id, rising }: WalkWish): Steadiness {
  // Unasked and undeclared, a listing is in the order of creation.
  if (order === undefined || order.by === id || order.fixed === true) return "fixed";
  return order.by === rising && order.direction !== "descending" ? "rising" : "changing";
}

/** The parameter by which the listing can be had from a value of its order on. */
function filterFrom({ filters = {} }: ListOperation, mark: string): string | undefined {
  return Object.entries(filters).find(([name, { field = name, test }]) => field === mark && test === "atLeast")?.[0];
}
