import type { BulkKind, PlacedListing } from "@belay/sdk";
import type { Headers } from "./wire.ts";

/** A request to a resource, as the routes understood it. */
export type Operation =
  | { readonly kind: "create"; readonly body: unknown }
  | { readonly kind: "update"; readonly id: string; readonly body: unknown }
  | { readonly kind: "many"; readonly of: BulkKind; readonly body: unknown }
  | { readonly kind: "delete"; readonly id: string }
  | { readonly kind: "read"; readonly id: string; readonly query: URLSearchParams }
  /** `url`: that of the listing, without its query. `query`: its parameters, wherever they were sent. `listing`: one with a path of its own. */
  | {
      readonly kind: "list";
      readonly url: string;
      readonly path: string;
      readonly query: URLSearchParams;
      readonly listing?: PlacedListing;
    };

export interface OperationRequest {
  readonly resource: string;
  readonly headers: Headers;
  readonly operation: Operation;
  /** Whether all values of the body came as texts, as they do in a form. */
  readonly texts: boolean;
}
