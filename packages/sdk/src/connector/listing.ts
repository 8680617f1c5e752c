import type { OperationOptions } from "./operation.ts";

/**
 * How a listing is cut into pages and how the provider says that there are no more. Paths are dotted paths into the answer's JSON:
 * `meta.after_cursor`. A page that is short or empty says nothing, unless the provider's own sign is the empty page.
 */
export type Paging =
  /** `?offset=200`: how many records to pass over. */
  | { readonly kind: "offset"; readonly parameter: string; readonly end: EndOfPages }
  /** `?page=3`. */
  | {
      readonly kind: "page";
      readonly parameter: string;
      /** The number of the first page. Default 1. */ readonly first?: 0 | 1;
      readonly end: EndOfPages;
    }
  /**
   * A token of the answer is sent back. The end: `more` is false, where the provider has such a flag; else no token, null or an empty
   * text.
   */
  | { readonly kind: "cursor"; readonly parameter: string; readonly next: string; readonly more?: string }
  /**
   * The id of the last record is sent back: `?starting_after=cus_9`. The end: `more` is false. `back`: the parameter that walks the other
   * way, from the id of a page's first record; Belay does not.
   */
  | { readonly kind: "keyset"; readonly parameter: string; readonly more: string; readonly back?: string }
  /**
   * The URL of the next page, from the `Link` header with `rel="next"`, or from the body at `path`. The end: there is none. `page`: the
   * parameter that counts the pages in these URLs, from 1; default: they hold a token of the provider's own. Belay follows both.
   *
   * @see RFC 8288
   */
  | { readonly kind: "link"; readonly path?: string; readonly page?: string }
  /** There are no pages: one answer has all records, as exports in CSV and NDJSON do. */
  | { readonly kind: "none" };

/** The sign by which a provider that counts positions tells the end. */
export type EndOfPages =
  /** The number of all records. Providers get it wrong: it ends a listing only together with a page that is not full. */
  | { readonly total: string }
  /** A flag that is true as long as there is more. */
  | { readonly more: string }
  /** The provider has no other sign than a page without records. */
  | { readonly emptyPage: true };

/** A query parameter that narrows a listing; its name is the key under which it is declared. */
export interface Filter {
  /** The field of the record that it looks at, by dotted path. Default: the parameter's name. */
  readonly field?: string;
  /** Which records pass. `includesAll`: the field is a list that has every one of the values, which a comma separates. Default `equals`. */
  readonly test?: "equals" | "atLeast" | "above" | "atMost" | "below" | "includesAll";
  /** For `includesAll`: the member of each item that is compared. Default: the item itself. */
  readonly member?: string;
  /** What the provider takes where the parameter is not sent. `all` lets every record pass. */
  readonly default?: string;
  /** A value with which every record passes. */
  readonly all?: string;
}

export interface Order {
  /** A field of the record, by dotted path; its values are compared as numbers where they are numbers, else as texts. */
  readonly by: string;
  /** Default `ascending`. */
  readonly direction?: "ascending" | "descending";
  /** A record keeps this value for as long as it exists, as it keeps its id. A listing in such an order can be proven complete. Default: only the id is kept. */
  readonly fixed?: true;
}

/** An order that can be asked for, and how. */
export interface ChosenOrder extends Order {
  readonly query: Readonly<Record<string, string>>;
}

/** `GET {path}`, page by page. Where the records are in an answer: `wrap.many` of the resource. */
export interface ListOperation extends OperationOptions {
  /**
   * The listing is asked for by a POST with this body, as searches are. All parameters then go into it: their names are dotted paths,
   * `filters.0.value`, and what they hold is a text unless the body has a number there. Default: a GET without a body.
   */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly paging: Paging;
  /** The parameter for the page size, the provider's default and the most it gives. Default: the provider decides. */
  readonly size?: { readonly parameter: string; readonly default: number; readonly max: number };
  readonly filters?: Readonly<Record<string, Filter>>;
  /** The order unasked. Default: by creation, oldest first. */
  readonly order?: Order;
  /** Orders by name. */
  readonly orders?: Readonly<Record<string, ChosenOrder>>;
  /** Parameters of every page, beside the resource's own `query`. */
  readonly query?: Readonly<Record<string, string>>;
  /** The provider lists no more records than this, however many there are, as searches do. Default: it lists all. */
  readonly most?: number;
}

/** Where paths lead in `paging`; for those who check or build answers. */
export function pathsOf(paging: Paging): readonly string[] {
  switch (paging.kind) {
    case "offset":
    case "page":
      return "total" in paging.end ? [paging.end.total] : "more" in paging.end ? [paging.end.more] : [];
    case "cursor":
      return paging.more === undefined ? [paging.next] : [paging.next, paging.more];
    case "keyset":
      return [paging.more];
    case "link":
      return paging.path === undefined ? [] : [paging.path];
    case "none":
      return [];
  }
}
