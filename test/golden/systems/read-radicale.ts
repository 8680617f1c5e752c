import { XMLParser } from "fast-xml-parser";
import type { RadicaleSystem } from "./start-radicale.ts";

/** Asks Radicale directly: nothing of Belay is between. @throws with what the server said. */
export async function askRadicale(
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

const parser = new XMLParser({ removeNSPrefix: true, isArray: (name) => name === "response", parseTagValue: false });

/** All cards as they stand in the address book, by name. Read by another report than the connector uses. @see RFC 6352, section 8.6 */
export async function readRadicale(radicale: RadicaleSystem): Promise<ReadonlyMap<string, string>> {
  const body = `<?xml version="1.0"?><C:addressbook-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop><getetag/><C:address-data/></prop></C:addressbook-query>`;
  const headers = { depth: "1", "content-type": "application/xml" };
  const answer = await askRadicale(radicale, "REPORT", radicale.addressBook, { body, headers });
  const { multistatus } = parser.parse(await answer.text()) as {
    readonly multistatus: { readonly response?: readonly { readonly href: string; readonly propstat: { readonly prop: { readonly "address-data": string } } }[] };
  };
  const cards = (multistatus.response ?? []).map(({ href, propstat }) => {
    return [decodeURIComponent(href.slice(href.lastIndexOf("/") + 1)), propstat.prop["address-data"]] as const;
  });
  return new Map(cards);
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
