import type { FailureWriter } from "./answer.ts";
import type { ItemFault } from "./faults.ts";
import type { KeyMemory } from "./idempotency.ts";
import type { ListingHabits } from "./listing-habits.ts";
import type { Random } from "./random.ts";
import type { ResourceModel } from "./resource-model.ts";
import type { Fields, ResourceStore, Write } from "./store.ts";

/** A write that a provider may be told to refuse. */
export interface ProposedWrite {
  readonly account: string;
  readonly resource: string;
  readonly operation: "create" | "update";
  readonly fields: Fields;
}

export interface Provider {
  readonly account: string;
  readonly fail: FailureWriter;
  readonly keys: KeyMemory;
  readonly now: () => number;
  readonly refuses: (write: ProposedWrite) => boolean;
  /** Hears of what the request has committed. */
  readonly committed: (write: Write) => void;
  readonly listing: Listing;
  /** What befalls items of a call for many. Default: nothing. */
  readonly itemFaults?: readonly ItemFault[];
  /** What is put on the answer to a key that was used before. */
  readonly replayHeaders: Readonly<Record<string, string>>;
}

/** How this account's listings behave. */
export interface Listing {
  readonly seed: number;
  readonly random: Random;
  readonly habits: () => ListingHabits;
  /** What happens to the records between two pages, by nobody's request. */
  readonly drift: (model: ResourceModel, store: ResourceStore) => void;
}
