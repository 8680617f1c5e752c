/** Which target an event is meant for; also its event type. */
export type Kind = "ledger" | "registry" | "board";

export const kinds: readonly Kind[] = ["ledger", "registry", "board"];

/** The body of a webhook of the harness. */
export interface SourceEvent {
  readonly id: string;
  readonly type: Kind;
  /** The order key; starts with the tenant, so that it is unique among all. */
  readonly key: string;
  /** Rises by one within a key: for `board` the version, sent slightly out of order; for the others the order of sending. */
  readonly sequence: number;
}

export function eventId({ type, key, sequence }: Pick<SourceEvent, "type" | "key" | "sequence">): string {
  return `${type}:${key}:${sequence}`;
}

/** The last part of a tenant's ingest URL. */
export function endpointOf(tenant: string): string {
  return `chaos-endpoint-of-${tenant}`;
}

/** Everything listens on loopback and ends with the run. */
export const webhookSecret = "the crash harness signs with this";
