/** How an event was taken in, looked back on: by a webhook, or by the host application. */
export interface Receipt {
  /** W3C traceparent of what comes next; its span is the receipt. */
  readonly trace: string;
  /** The sender's own traceparent, if it sent one. */
  readonly sender?: string | undefined;
  readonly route: "/in/{endpoint}" | "/v1/events";
  readonly tenant: string;
  /** The connection that the event came from. */
  readonly connection: string;
  /** Absent for what was rejected or ignored: a stranger may have made them up. */
  readonly eventType?: string | undefined;
  readonly eventId?: string | undefined;
  readonly outcome: "accepted" | "duplicate" | "quarantined" | "ignored" | "rejected";
  /** Why it was rejected. */
  readonly code?: string;
  /** The same more closely, such as `stale-timestamp`; absent for events of the host application. */
  readonly reason?: string;
  /** Dead letters that it became at once; there may be work beside them. */
  readonly quarantined: readonly { readonly flow: string; readonly code: string }[];
  /** Of the HTTP answer. */
  readonly status: number;
  /** Epoch milliseconds. By its end the event is on disk, if it was accepted or quarantined. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}
