import type { FailPoint } from "./fail-points.ts";

/** What the harness and its processes say to each other. */

/** Die at the `hits`th passing of `point`. */
export interface Armed {
  readonly point: FailPoint;
  readonly hits: number;
}

export interface Claimed {
  readonly tenant: string;
  readonly mailbox: string;
  readonly token: number;
}

export type ParentMessage = { readonly arm: Armed } | { readonly restart: "immediate" | "kill" };

export type ChildMessage =
  | { readonly ready: string }
  | { readonly claimed: readonly Claimed[] }
  /** PostgreSQL is down, or up again. */
  | { readonly postgres: "down" | "up" };
