import { BelayError, type Sync } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import type { Lease, MailboxKey } from "../mailbox/index.ts";
import type { DrawBytes, RecordOrigin } from "../records/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { WalkComparer } from "./comparer.ts";
import type { PageInWriting } from "./pages-in-writing.ts";
import type { WalkEnding } from "./protocol.ts";
import type { WalkRow } from "./types.ts";

/** What walks are kept with. */
export interface DeskParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly catalog: Pick<Catalog, "syncs">;
  /** For the ids of new records. Default: what the system gives. */
  readonly drawBytes?: DrawBytes;
  /** Who compares. Default: nobody, and no walk of that kind may come. */
  readonly comparer?: WalkComparer;
  /** Called in the transaction that ends a review of a record, with the things that it was about. */
  readonly onDecided?: (tx: Db, tenant: string, records: readonly string[]) => Promise<void>;
  /** Told of the mailboxes that got a walk's next message. */
  readonly onCommitted: (mailboxes: readonly MailboxKey[]) => void;
}

/** What is known of a walk while it is in one pair of hands. */
export interface HeldWalk {
  readonly row: WalkRow;
  readonly sync: Sync;
  readonly lease: Lease;
  readonly origin: RecordOrigin;
  /** Rises with every page. */
  revision: number;
  /** Resolves when the pages that were taken so far are kept. */
  kept: Promise<unknown>;
  /** Those that are not kept yet, in their order. */
  readonly writing: Set<PageInWriting>;
  pages: number;
  /** There may be troubles that a page ends. */
  hasTroubles: boolean;
  /** There may be records on the list of those to be deleted. */
  hasListed: boolean;
  /** The version of the mapping that made all its pages; null: not one alone, because another configuration came into force meanwhile. */
  mappedBy: string | null;
}

/** What is kept in the place of a walk's cursor: where it stands, and by which mapping it came there. */
export function cursorText(cursor: string, { mappedBy }: Pick<HeldWalk, "mappedBy">): string {
  return JSON.stringify({ ...(JSON.parse(cursor) as object), mappedBy });
}

/** The mapping in the place of a cursor; undefined: nothing is kept yet, or an earlier version of Belay did. */
export function readMappedBy(text: string | null): string | null | undefined {
  if (text === null) return undefined;
  // Written by `cursorText` or `endingText`, and sealed.
  return (JSON.parse(text) as { readonly mappedBy?: string | null }).mappedBy;
}

/** In the place of a cursor, once the last page is kept: what is left to do needs nobody who walks. */
export function endingText(ending: WalkEnding, { mappedBy }: Pick<HeldWalk, "mappedBy">): string {
  return JSON.stringify({ ending, mappedBy });
}

/** The ending that stands in the place of a cursor; undefined where that is none. */
export function readEnding(cursor: string | null): WalkEnding | undefined {
  if (cursor?.startsWith('{"ending":') !== true) return undefined;
  // Written by `endingText`, and sealed.
  return (JSON.parse(cursor) as { readonly ending: WalkEnding }).ending;
}

/** The runner ends as suspended by it, and whoever has the walk goes on. */
export function lost(): BelayError {
  return new BelayError("LEASE_LOST", "The walk is no longer this worker's.", { retry: "backoff" });
}
