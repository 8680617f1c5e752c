import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RadicaleSystem } from "./start-radicale.ts";

/** Asks Radicale directly: nothing of Belay is between. @throws with what the server said. */
async function askRadicale(
  radicale: RadicaleSystem,
  method: string,
  path: string,
  { body, headers }: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${radicale.username}:${radicale.password}`).toString("base64")}`;
  const response = await fetch(`${radicale.url}${path}`, {
    method,
    headers: { authorization, ...headers },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(30_000),
  });
  if (response.ok) return response;
  throw new Error(`Radicale answered ${response.status} to ${method} ${path}: ${await response.text()}`);
}

/** All cards as they stand in the files of the address book, by name. */
export function readRadicale({ directory, addressBook }: RadicaleSystem): ReadonlyMap<string, string> {
  const files = join(directory, "collection-root", addressBook);
  const names = readdirSync(files).filter((name) => name.endsWith(".vcf"));
  return new Map(names.map((name) => [name, readFileSync(join(files, name), "utf8")]));
}

/** Puts a card directly, as other programs would; its entity tag. */
export async function putCard(radicale: RadicaleSystem, name: string, lines: readonly string[]): Promise<string> {
  const body = ["BEGIN:VCARD", "VERSION:3.0", ...lines, "END:VCARD", ""].join("\r\n");
  const path = `${radicale.addressBook}${encodeURIComponent(name)}`;
  const answer = await askRadicale(radicale, "PUT", path, { body, headers: { "content-type": "text/vcard; charset=utf-8" } });
  return answer.headers.get("etag") ?? "";
}

export async function deleteCard(radicale: RadicaleSystem, name: string): Promise<void> {
  await askRadicale(radicale, "DELETE", `${radicale.addressBook}${encodeURIComponent(name)}`);
}
