import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { RadicaleSystem } from "./start-radicale.ts";

interface Answer {
  readonly etag: string;
  readonly text: string;
}

/**
 * Asks Radicale directly: nothing of Belay is between. By `node:http`, because the `fetch` of Node 24 fails an assertion where a server closes the connection while a large answer is
 * being read.
 *
 * @throws with what the server said.
 * @see https://github.com/nodejs/undici/issues/5360
 */
async function askRadicale(
  radicale: RadicaleSystem,
  method: string,
  path: string,
  { body = "", headers = {} }: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(`${radicale.username}:${radicale.password}`).toString("base64")}`;
  const length = String(Buffer.byteLength(body));
  const asked = request(`${radicale.url}${path}`, {
    method,
    headers: { authorization, "content-length": length, ...headers },
    signal: AbortSignal.timeout(300_000),
  });
  asked.end(body);
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const said = await text(response);
  const { statusCode = 0, headers: sent } = response;
  if (statusCode >= 200 && statusCode < 300) return { etag: sent.etag ?? "", text: said };
  throw new Error(`Radicale answered ${statusCode} to ${method} ${path}: ${said}`);
}

function filesOf({ directory, addressBook }: RadicaleSystem): string {
  return join(directory, "collection-root", addressBook);
}

/** All cards as they stand in the files of the address book, by name. */
export function readRadicale(radicale: RadicaleSystem): ReadonlyMap<string, string> {
  const files = filesOf(radicale);
  const names = readdirSync(files).filter((name) => name.endsWith(".vcf"));
  return new Map(
    names.flatMap((name) => {
      try {
        return [[name, readFileSync(join(files, name), "utf8")]];
      } catch (error) {
        // Deleted since the names were read.
        const { code } = Object(error) as { readonly code?: unknown };
        if (code === "ENOENT") return [];
        throw error;
      }
    }),
  );
}

/** Puts many cards into the address book's folder, by requests it takes minutes. The server finds them there. */
export function fillRadicale(radicale: RadicaleSystem, cards: ReadonlyMap<string, readonly string[]>): void {
  for (const [name, lines] of cards) writeFileSync(join(filesOf(radicale), name), toCard(lines));
}

function toCard(lines: readonly string[]): string {
  return ["BEGIN:VCARD", "VERSION:3.0", ...lines, "END:VCARD", ""].join("\r\n");
}

/** Puts a card directly, as other programs would; its entity tag. */
export async function putCard(radicale: RadicaleSystem, name: string, lines: readonly string[]): Promise<string> {
  const body = toCard(lines);
  const path = `${radicale.addressBook}${encodeURIComponent(name)}`;
  const answer = await askRadicale(radicale, "PUT", path, { body, headers: { "content-type": "text/vcard; charset=utf-8" } });
  return answer.etag;
}

export async function deleteCard(radicale: RadicaleSystem, name: string): Promise<void> {
  await askRadicale(radicale, "DELETE", `${radicale.addressBook}${encodeURIComponent(name)}`);
}

/**
 * Asks for everything with a fresh sync token, as another program would; its cards. This is when Radicale looks which tokens are older than it keeps them, and forgets those.
 *
 * @see RFC 6578, section 3.2
 */
export async function syncElsewhere(radicale: RadicaleSystem): Promise<number> {
  const body = `<?xml version="1.0" encoding="utf-8"?>
<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>`;
  const answer = await askRadicale(radicale, "REPORT", radicale.addressBook, { body, headers: { "content-type": "application/xml" } });
  // What is gone has no entity tag.
  return answer.text.split("<getetag>").length - 1;
}

/** Deletes all cards. The server finds them gone. */
export function emptyRadicale(radicale: RadicaleSystem): void {
  for (const name of readRadicale(radicale).keys()) rmSync(join(filesOf(radicale), name));
}

/** So often somebody else may write the same card between reading and writing it. */
const mostEdits = 20;

/** Changes a card as a careful program does: on condition that it is still the one that was read. `edit` is given its lines, unfolded, and gives them back. */
export async function editCard(
  radicale: RadicaleSystem,
  name: string,
  edit: (lines: readonly string[]) => readonly string[],
): Promise<void> {
  const path = `${radicale.addressBook}${encodeURIComponent(name)}`;
  for (let attempt = 1; ; attempt += 1) {
    const { etag, text: card } = await askRadicale(radicale, "GET", path);
    const lines = card.replaceAll(/\r?\n[ \t]/g, "").split(/\r?\n/);
    const body = `${edit(lines.filter((line) => line !== "")).join("\r\n")}\r\n`;
    const headers = { "content-type": "text/vcard; charset=utf-8", "if-match": etag };
    const written = await askRadicale(radicale, "PUT", path, { body, headers }).catch((error: unknown) => {
      if (attempt < mostEdits && String(error).includes("answered 412")) return undefined;
      throw error;
    });
    if (written !== undefined) return;
  }
}
