/**
 * What a person asks of a running simulator over HTTP, at `/_simulator`: webhooks, faults, a look at what happened.
 *
 * Invariant: nothing here is reachable unless the simulator was started with `control`; it listens on loopback only.
 *
 * @module
 */
export { withControl } from "./serve-control.ts";
