import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A running Radicale with one empty address book. */
export interface RadicaleSystem extends AsyncDisposable {
  /** Of the server, without a slash at the end. */
  readonly url: string;
  /** The address book: an absolute path with a slash at the end. */
  readonly addressBook: string;
  /** Where it keeps its files. */
  readonly directory: string;
  readonly username: string;
  readonly password: string;
}

const memory = "/dev/shm";
const longestStartMs = 240_000;

/**
 * Starts Radicale, as Debian has it. Its sync tokens are good for `syncTokenSeconds` after they were last needed.
 *
 * @throws when it does not answer within four minutes; `ENOENT` when the package `radicale` is not installed.
 * @see https://radicale.org/v3.html, RFC 6352, RFC 6578
 */
export async function startRadicale({ syncTokenSeconds = 30 } = {}): Promise<RadicaleSystem> {
  // It flushes each of several files for each card to the disk; in memory five thousand cards take seconds and not minutes.
  const directory = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "belay-radicale-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    "radicale",
    // Any name and password are taken, and each name has its own collections.
    Object.entries({
      "--config": "",
      "--server-hosts": `127.0.0.1:${port}`,
      "--auth-type": "none",
      "--rights-type": "authenticated",
      "--storage-filesystem-folder": directory,
      "--storage-max-sync-token-age": String(syncTokenSeconds),
      "--logging-level": "error",
    }).flat(),
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const ended = once(child, "exit");
  const dispose = async (): Promise<void> => {
    child.kill();
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  const [username, password] = ["ada", "golden-password"];
  const addressBook = `/${username}/contacts/`;
  try {
    await once(child, "spawn");
    await makeAddressBook(`${url}${addressBook}`, `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`);
  } catch (error) {
    if (child.pid !== undefined) await dispose();
    throw error;
  }
  return { url, addressBook, directory, username, password, [Symbol.asyncDispose]: dispose };
}

/** Tries until the server answers. @see RFC 5689; RFC 6352, section 6.3.1 */
async function makeAddressBook(url: string, authorization: string): Promise<void> {
  const body = `<?xml version="1.0" encoding="utf-8"?>
<mkcol xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav"><set><prop>
<resourcetype><collection/><card:addressbook/></resourcetype><displayname>Contacts</displayname>
</prop></set></mkcol>`;
  const until = Date.now() + longestStartMs;
  for (;;) {
    const answer = await fetch(url, { method: "MKCOL", headers: { authorization, "content-type": "application/xml" }, body }).catch(
      () => undefined,
    );
    if (answer?.status === 201) return;
    if (answer !== undefined) throw new Error(`Radicale made no address book: ${answer.status} ${await answer.text()}`);
    if (Date.now() > until) throw new Error("Radicale did not answer in time.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
