import type { DeclaredBodies } from "../formats/index.ts";

/** A request as the contract makes it, before its body is written. Credential, idempotency key and trace are added after it. */
export interface RequestDraft {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "PROPFIND" | "REPORT";
  /** Path and query below the provider's origin, encoded, starting with a slash. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** What will be written in the operation's format; undefined: no body. */
  readonly body: unknown;
}

/** An answer whose body has been read in the operation's format. Only answers that are successes come here. */
export interface AnswerDraft {
  /** What was asked: its path and body tell what an answer leaves out, such as the id of what was read. */
  readonly request: RequestDraft;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Undefined where the provider answered by status and headers alone, as to a PUT. */
  readonly body: unknown;
}

/** What every operation may say beside its own declaration. */
export interface OperationOptions {
  /** How its bodies are written. Default: as the resource says, then the connector. */
  readonly bodies?: DeclaredBodies;
  /**
   * Code where data cannot say it: changes the request just before it goes into the pipeline, which still gives it its credential, budget,
   * deadline, idempotency key and retries. Must be quick, pure and without effects: a repeated write has to come out the same.
   */
  readonly request?: (draft: RequestDraft) => RequestDraft;
  /** The same for the answer: what it returns is read as if the provider had sent it, by `wrap` and the schema. */
  readonly response?: (answer: AnswerDraft) => unknown;
}
