import { spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { createInterface } from "node:readline";

export interface EmbeddedPostgres {
  /** URL of the database `postgres`, as superuser. */
  readonly url: string;
  /** Stops the server and removes its data. Safe to call twice. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Boots a PostgreSQL 18 on a free port with an empty temporary directory; takes about a second. It ends with this process, however
 * that ends.
 *
 * @param options.durable Default `false`: writes are not flushed to disk, because the only failure that flushing survives is the
 *   machine's own, and no unit test is about that. Benchmarks, and tests that stop PostgreSQL itself, pass `true`.
 * @param options.settings Further server settings, such as `{ wal_level: "logical" }`.
 */
export async function startEmbeddedPostgres(
  options: { readonly durable?: boolean; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<EmbeddedPostgres> {
  const settings = {
    max_connections: "200",
    shared_buffers: "64MB",
    ...(options.durable === true ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ...options.settings,
  };
  const supervisor = new URL("postgres-supervisor.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [supervisor, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)], {
    stdio: ["pipe", "pipe", "inherit"],
    // Out of our process group: on Ctrl-C the tests stop first, then their end of the pipe closes, then the server stops.
    detached: true,
  });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    // A forgotten server must not keep the process alive; it ends with it.
    child.unref();
    child.stdout.destroy();
    if (child.stdin instanceof Socket) child.stdin.unref();
    const { url } = JSON.parse(line) as { url: string };
    return {
      url,
      [Symbol.asyncDispose]: async () => {
        child.ref();
        child.stdin.end();
        await ended;
      },
    };
  }
  throw new Error("PostgreSQL for the tests did not start; its own message is above.");
}
