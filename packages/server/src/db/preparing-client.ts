import { createHash } from "node:crypto";
import pg from "pg";

const names = new Map<string, string>();

/** Statement texts are fixed, only parameters vary, so there are few of them; this bounds what a mistake could cost. */
const mostNames = 500;

function nameOf(text: string): string | undefined {
  let name = names.get(text);
  if (name === undefined && names.size < mostNames) {
    name = createHash("sha256").update(text).digest("base64url").slice(0, 22);
    names.set(text, name);
  }
  return name;
}

/**
 * A client for statements that run often.
 *
 * It prepares every statement with parameters once per connection: planning the larger ones takes longer than running them. Kysely has no option for it
 * and calls `query(text, values)`.
 *
 * A `begin` does not wait for its answer: it leaves together with the first statement of its transaction, in one packet. When it fails, so does the connection
 * and with it that statement.
 */
export class PreparingClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, pipeline: true });
  }

  override query(...input: unknown[]): never {
    const [text, values, ...rest] = input;
    if (text === "begin") return this.#begin() as never;
    const name = typeof text === "string" && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined;
    const prepared = name === undefined ? input : [{ name, text, values }, ...rest];
    return (super.query as (...input: unknown[]) => never)(...prepared);
  }

  #begin(): Promise<Pick<pg.QueryResult, "command" | "rowCount" | "rows">> {
    const { stream } = this.connection;
    stream.cork();
    super.query("begin").catch(() => {}); // The statement after it tells.
    // After the promises that lead to that statement.
    process.nextTick(() => stream.uncork());
    return Promise.resolve({ command: "BEGIN", rowCount: null, rows: [] });
  }
}
