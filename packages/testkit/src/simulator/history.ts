import type { Fault } from "./faults.ts";
import type { Write } from "./store.ts";
import type { WireAnswer } from "./wire.ts";

/** One request as the provider lived through it. */
export interface HistoryEntry {
  /** Counts all requests of the simulator in the order in which they came, from 1. */
  readonly sequence: number;
  readonly account: string;
  /** Milliseconds since the epoch, when the request came. */
  readonly at: number;
  readonly method: string;
  /** Path and query without the account. */
  readonly path: string;
  /** In lower case, without what carries the credential. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What befell the request: drawn, or set by a rule. */
  readonly fault: Fault["kind"];
  /** What it committed; undefined where nothing. */
  readonly effect: Write | undefined;
  /** Undefined while the request runs. `dropped`: the connection ended without an answer. */
  readonly answer: WireAnswer | "dropped" | undefined;
}

/** What is filled in while the request runs. */
export interface MutableEntry extends HistoryEntry {
  fault: Fault["kind"];
  effect: Write | undefined;
  answer: WireAnswer | "dropped" | undefined;
}
