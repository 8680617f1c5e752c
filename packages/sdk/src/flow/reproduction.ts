/**
 * A failed attempt as a file: all that its flow saw, without secrets and personal values, so that it fails alike anywhere and offline. Made by the server
 * (`belay reproduce`), run by `reproduce` of `@belay/testkit`.
 */
export interface Reproduction {
  /** 1. */
  readonly format: number;
  /** The version that the server ran on: `node v24.1.0`. */
  readonly madeBy: string;
  /** When the attempt began; ISO 8601, UTC. The flow's clock stands there. */
  readonly at: string;
  readonly tenant: string;
  readonly message: number;
  readonly flow: string;
  /** The connection written to. */
  readonly target: string;
  /** Where the event came from. */
  readonly connection: string;
  readonly eventType: string;
  readonly eventKey: string;
  /** 0: it was set aside before any attempt. */
  readonly attempt: number;
  /** An earlier attempt may have had effects. */
  readonly suspect: boolean;
  /** ISO 8601, UTC. */
  readonly firstAttemptAt: string | null;
  /** JSON text. Personal values are made-up ones of the same shape. */
  readonly payload: string;
  /** Results of steps that earlier attempts had finished, as JSON texts. */
  readonly steps: Readonly<Record<string, string>>;
  /** The connections that the flow uses. */
  readonly connections: readonly {
    /** What the flow calls it; empty for the target. */
    readonly name: string;
    readonly id: string;
    readonly connector: string;
    /** What goes before every path; empty or without a slash at its end. */
    readonly basePath: string;
    /** The fields of its credential that were there, without their values. */
    readonly credential: readonly string[];
  }[];
  /** What was called, in order, and what came back. */
  readonly exchanges: readonly {
    /** The connection's id. */
    readonly connection: string;
    readonly method: string;
    readonly path: string;
    readonly response?: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
    /** The code of the error, where no answer came. */
    readonly error?: string;
    readonly durationMs: number;
  }[];
  readonly failed: {
    readonly code: string;
    readonly error: string;
    /** The step that failed; empty when none did. */
    readonly step: string;
  };
  /** What could not be kept, in words: then it may fail otherwise. */
  readonly incomplete: readonly string[];
}
