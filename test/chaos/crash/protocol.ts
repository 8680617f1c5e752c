import type { FailPoint } from "./fail-points.ts";

/** What the harness and its processes say to each other. */

/** Die at the `hits`th passing of `point`, or stop as soon as messages for the target without keys have been fetched and not begun. */
export type Armed = { readonly point: FailPoint; readonly hits: number } | { readonly point: "stop" };

export interface Claimed {
  readonly tenant: string;
  readonly mailbox: string;
  readonly token: number;
}

/** `arm: null` takes an order back that has not been carried out. */
export type ParentMessage = { readonly arm: Armed | null } | { readonly restart: "immediate" | "kill" };

export type ChildMessage =
  | { readonly ready: string }
  | { readonly claimed: readonly Claimed[] }
  /** It stops now, by itself. */
  | { readonly stopped: true }
  /** PostgreSQL is down, or up again. */
  | { readonly postgres: "down" | "up" };
