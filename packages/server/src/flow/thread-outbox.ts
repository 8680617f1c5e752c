import type { OpenBreaker } from "../breakers/index.ts";
import type { BlockedBudget } from "../limits/index.ts";
import type {
  CacheSaid,
  ConnectionUpdate,
  CredentialRenewed,
  KnownFound,
  PageTaken,
  PermitsLeased,
  ProbeAnswered,
  RunRequest,
} from "./protocol.ts";

/** What is said to a thread in one turn of the event loop. */
export interface Outbox {
  readonly connections: ConnectionUpdate[];
  readonly renewed: CredentialRenewed[];
  readonly leased: PermitsLeased[];
  readonly blocked: BlockedBudget[];
  readonly found: KnownFound[];
  readonly cached: CacheSaid[];
  open: readonly OpenBreaker[] | undefined;
  readonly probes: ProbeAnswered[];
  readonly run: RunRequest[];
  readonly taken: PageTaken[];
  readonly recorded: { request: number; error?: string }[];
  readonly abort: number[];
}

export function emptyOutbox(): Outbox {
  return {
    connections: [],
    renewed: [],
    leased: [],
    blocked: [],
    found: [],
    cached: [],
    open: undefined,
    probes: [],
    run: [],
    taken: [],
    recorded: [],
    abort: [],
  };
}
