import type { Reference } from "@belay/sdk";

/** Who a message is served before: interactive calls first, backfills last. No order is promised across lanes. */
export type Lane = "interactive" | "event" | "sync" | "backfill";

/** A mailbox's key. */
export interface MailboxKey {
  readonly tenant: string;
  /** `<connection>/<lane>` */
  readonly mailbox: string;
}

/** Work to be committed. */
export interface NewMessage {
  readonly tenant: string;
  /** The connection whose mailbox the message waits in: the one that will be written to. */
  readonly target: string;
  readonly lane: Lane;
  readonly orderKey: string;
  readonly flow: string;
  /** The connection the event came from. */
  readonly connection: string;
  /** What the provider calls the event; operation ids are derived from it. */
  readonly eventKey: string;
  readonly eventType: string;
  readonly version: number | null;
  readonly payload: Uint8Array;
  /** W3C traceparent. */
  readonly trace: string | null;
  /** What it is found by besides its own members. Default: nothing. */
  readonly references?: readonly Reference[];
}

/** A payload that failed validation: kept for a person, never passed on. */
export interface NewDeadLetter extends NewMessage {
  readonly code: string;
  readonly error: string;
}

/** A message as fetched for one attempt. */
export interface Message {
  readonly tenant: string;
  readonly mailbox: string;
  readonly id: number;
  readonly orderKey: string;
  readonly flow: string;
  readonly connection: string;
  readonly eventKey: string;
  readonly eventType: string;
  readonly version: number | null;
  /** The body as text; ingress let only UTF-8 in. Empty when it is unreadable. */
  readonly payload: string;
  /** Why its contents could not be opened: no flow may see it. */
  readonly unreadable?: { readonly code: string; readonly error: string };
  readonly trace: string | null;
  readonly receivedAtMs: number;
  readonly firstAttemptAtMs: number | null;
  /** Failed attempts so far. */
  readonly attempts: number;
  /** An earlier attempt may have had effects that nobody recorded. */
  readonly suspect: boolean;
  /** Comes from behind a block that is due; otherwise it is new. */
  readonly parked: boolean;
  /** Its order key is blocked by an earlier message: it has to wait. */
  readonly blocked: boolean;
  /** The newest version applied to its entity, `null` when none or when the flow has no guard. */
  readonly appliedVersion: number | null;
  /** Results of finished steps by name, as JSON texts. */
  readonly steps: Readonly<Record<string, string>>;
}

/** A mailbox under lease. */
export interface Lease extends MailboxKey {
  readonly connection: string;
  readonly lane: Lane;
  /** Fencing token: only its holder's results count. */
  readonly token: number;
  readonly head: number;
  /** The holder before did not hand back: what it had begun may have had effects. */
  readonly takenOver: boolean;
  /** Messages up to this id may have been begun under a lease that was lost. It outlives this lease: not all of them may be reached under it. */
  readonly suspectUntil: number;
}

/** What a message is found by from now on, besides what came with it: hexadecimal fingerprints of the records that it created. */
export interface Found {
  readonly fingerprints?: readonly string[];
}

/** How one attempt of a message ended, as it is written down. */
export type Result = Outcome & Found;

type Outcome =
  | { readonly kind: "delivered"; readonly message: Message; /** Step results of it were stored. */ readonly stepped: boolean }
  | { readonly kind: "superseded"; readonly message: Message }
  | {
      readonly kind: "retry";
      readonly message: Message;
      readonly afterMs: number;
      readonly code: string;
      readonly error: string;
      /** It met a provider that was away: given back should its breaker say so. Default: it did not. */
      readonly outage?: boolean;
    }
  | { readonly kind: "dead"; readonly message: Message; readonly code: string; readonly error: string }
  /** Not begun: an earlier message of its order key waits for its next attempt. */
  | { readonly kind: "park"; readonly message: Message }
  /** Not begun: its flow is paused. No attempt is counted. */
  | { readonly kind: "hold"; readonly message: Message }
  /** Begun but neither finished nor failed: stays first in line and is suspect from now on. */
  | { readonly kind: "suspend"; readonly message: Message }
  /** Kept away by a breaker: its newest failed attempts that met the same outage count no more. */
  | { readonly kind: "forgive"; readonly message: Message };

/** What a worker says about one of its mailboxes: results so far, and either on with the lease or back with the mailbox. */
export interface Settlement extends MailboxKey {
  readonly token: number;
  /** Everything up to here is finished, parked or dead. */
  readonly head: number;
  readonly results: readonly Result[];
  /** The lease is renewed; without it, and without a release, it runs on as it is. */
  readonly extend: boolean;
  readonly release?: {
    /** More is known to wait: back to the end of the line. */
    readonly more: boolean;
    /** The far end or the budget said to wait: the whole mailbox pauses. */
    readonly waitMs?: number;
    readonly why?: string;
  };
}
