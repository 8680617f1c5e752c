import { createHash } from "node:crypto";

/** One broken promise: a kind, and in words what was expected and what was seen. */
export interface Broken {
  readonly kind: string;
  readonly text: string;
}

/** What the vault has sealed, in base64: the same text sealed twice looks different, by chance that is not the history's. */
const sealed = /AQAB(?:\\n|[\w+/]){24,}={0,2}|\b010001[0-9a-f]{48,}/g;

/** A statement that asks which transactions are over, by their numbers in the database, which goes on counting from one history to the next. */
const byTransactions = "select s.seen, f.tenant";

/** Names that the product draws where no history has a say: of the messages of walks. */
const drawn = /\b(walk-)[0-9a-f-]{36}/g;

function asBase64(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}

/** Sees everything that leaves or enters a process of a history. Two runs of one history must look the same to it. */
export class Observer {
  readonly #hash = createHash("sha256");
  readonly #lines: string[] | undefined;
  events = 0;

  /** `keep`: the lines are kept for a reader; otherwise only their hash. */
  constructor(keep: boolean) {
    this.#lines = keep ? [] : undefined;
  }

  note(atMs: number, who: string, what: string, facts: unknown = ""): void {
    const said = what.startsWith(byTransactions) ? "" : facts;
    const text = (typeof said === "string" ? said : JSON.stringify(said, asBase64))
      .replaceAll(sealed, "[sealed]")
      .replaceAll(drawn, "$1[drawn]");
    const line = `${atMs} ${who} ${what} ${text}`;
    this.events += 1;
    this.#hash.update(line).update("\n");
    this.#lines?.push(line);
  }

  digest(): string {
    return this.#hash.digest("hex").slice(0, 32);
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }
}
