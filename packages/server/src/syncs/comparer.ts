import type { PageRecord } from "@belay/sdk/sync";
import type { Db } from "../db/index.ts";
import type { RecordOrigin } from "../records/index.ts";
import type { WalkEnding } from "./protocol.ts";

/** A walk that compares, and writes nothing of the records. */
export interface ComparedWalk {
  readonly origin: RecordOrigin;
  /** The end of the tenant's feed when it began: what changed behind it has moved while it was compared. */
  readonly begunAfter: number;
}

/** A page that was compared: how many of its records are as they should be, and what keeps the rest. */
export interface ComparedPage {
  readonly equal: number;
  readonly troubled: number;
  /** Writes down what was found; in the transaction that moves the walk on. */
  keep(tx: Db): Promise<void>;
}

/**
 * Who is given the pages of walks of kind `reconcile`. It lies above this slice, which is why `main.ts` hands it in.
 */
export interface WalkComparer {
  /** Compares a page with what is kept. Reads only; not in a transaction. */
  compare(walk: ComparedWalk, page: { readonly records: readonly PageRecord[]; readonly expected: number | null }): Promise<ComparedPage>;
  /** Looks at what no page could show: what was not listed, and what is linked wrongly. May be done again from any point. */
  conclude(walk: ComparedWalk, ending: WalkEnding): Promise<void>;
  /** Ends the comparison, in the transaction that ends the walk. */
  end(tx: Db, walk: ComparedWalk, ending: WalkEnding): Promise<void>;
  /** Nothing more is tried. In the transaction that ends the walk. */
  fail(tx: Db, walk: ComparedWalk, code: string): Promise<void>;
}
