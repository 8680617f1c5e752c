import type { SpanAttributes } from "./attributes.ts";

/** A span that has ended, as Belay describes it: ids and times are given, not drawn or taken. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent for the first span of a trace. */
  readonly parentId?: string | undefined;
  /** The parent lies in another system. */
  readonly remoteParent?: boolean;
  /** What it has to do with beside its parent. */
  readonly link?: { readonly traceId: string; readonly spanId: string };
  readonly name: string;
  readonly kind: "server" | "consumer" | "client" | "internal";
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes: SpanAttributes;
  /** The code of what it failed with. */
  readonly error?: string | undefined;
  readonly events?: readonly { readonly name: "belay.stored"; readonly atMs: number }[];
}
