import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface Card {
  readonly text: string;
  readonly version: number;
  readonly changed: Date;
}

/** A server with one address book, which answers as RFC 6352 and RFC 6578 say. What the real one does, `npm run golden` shows. */
export interface AddressBookServer extends AsyncDisposable {
  /** The base URL of a connection. */
  readonly url: string;
  readonly cards: ReadonlyMap<string, Card>;
  /** Puts a card as another program would; its lines without its frame. */
  put(name: string, lines: readonly string[]): void;
  /** Puts what is none of the cards that are read: of another version, or cut off. */
  putText(name: string, text: string): void;
  delete(name: string): void;
  /** Names in reports the cards that it cannot read at the moment, with their status and without their contents. */
  withhold(...names: readonly string[]): void;
  /** What stands before it calls its entity tags weak, and keeps them as they are in conditions. */
  weakenTags(weak: boolean): void;
  /** Forgets the sync tokens that were given out. */
  forgetTokens(): void;
}

const book = "/ada/contacts";

export async function startAddressBook(): Promise<AddressBookServer> {
  const cards = new Map<string, Card>();
  const gone = new Map<string, number>();
  let [version, oldest] = [0, 0];
  let [withheld, prefix]: [ReadonlySet<string>, string] = [new Set(), ""];
  const put = (name: string, text: string): Card => {
    version += 1;
    gone.delete(name);
    const card = { text, version, changed: new Date() };
    cards.set(name, card);
    return card;
  };
  const remove = (name: string): void => {
    version += 1;
    if (cards.delete(name)) gone.set(name, version);
  };
  const report = (body: string): Answer => {
    const token = /<(?:\w+:)?sync-token>([^<]*)</.exec(body)?.[1] ?? "";
    const since = token === "" ? 0 : Number(token.replace("urn:token:", ""));
    if (token !== "" && !(since >= oldest)) return { status: 403, body: `<error xmlns="DAV:"><valid-sync-token/></error>` };
    const changed = [...cards]
      .filter(([, card]) => card.version > since)
      .map(([name, card]) => (withheld.has(name) ? failedOf(name) : entryOf(name, card)));
    const deleted = [...gone].filter(([, at]) => at > since && token !== "").map(([name]) => entryOf(name, undefined));
    return {
      status: 207,
      body: `<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><sync-token>urn:token:${version}</sync-token>${[...changed, ...deleted].join("")}</multistatus>`,
    };
  };
  const answer = (request: IncomingMessage, body: string): Answer => {
    const name = decodeURIComponent((request.url ?? "").slice(book.length + 1));
    const card = cards.get(name);
    const { "if-match": match, "if-none-match": noneMatch } = request.headers;
    const isRefused = (match !== undefined && match !== tagOf(card)) || (noneMatch === "*" && card !== undefined);
    if (request.method === "REPORT") return report(body);
    if (isRefused) return { status: 412, body: "" };
    if (request.method === "PUT") return { status: card === undefined ? 201 : 204, body: "", card: put(name, body) };
    if (card === undefined) return { status: 404, body: "" };
    if (request.method === "GET") return { status: 200, body: card.text, card };
    remove(name);
    return { status: 204, body: "" };
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { status, body, card } = answer(request, Buffer.concat(chunks).toString());
      const headers = card === undefined ? {} : { etag: `${prefix}${tagOf(card)}`, "last-modified": timeOf(card) };
      const type = request.method === "GET" ? "text/vcard; charset=utf-8" : "text/xml; charset=utf-8";
      response.writeHead(status, { ...headers, ...(body !== "" && { "content-type": type }) }).end(body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${book}`,
    cards,
    put: (name, lines) => void put(name, ["BEGIN:VCARD", "VERSION:3.0", ...lines, "END:VCARD", ""].join("\r\n")),
    putText: (name, text) => void put(name, text),
    delete: remove,
    withhold: (...names) => {
      withheld = new Set(names);
    },
    weakenTags: (weak) => {
      prefix = weak ? "W/" : "";
    },
    forgetTokens: () => {
      oldest = version + 1;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** The card whose state the answer is of. */
  readonly card?: Card;
}

function tagOf(card: Card | undefined): string {
  return card === undefined ? "" : `"v${card.version}"`;
}

function timeOf({ changed }: Card): string {
  return changed.toUTCString();
}

function failedOf(name: string): string {
  const prop = "<getetag/><C:address-data/>";
  return `<response><href>${book}/${encodeURIComponent(name)}</href><propstat><prop>${prop}</prop><status>HTTP/1.1 500 Internal Server Error</status></propstat></response>`;
}

function entryOf(name: string, card: Card | undefined): string {
  const href = `<href>${book}/${encodeURIComponent(name)}</href>`;
  if (card === undefined) return `<response>${href}<status>HTTP/1.1 404 Not Found</status></response>`;
  const text = card.text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const prop = `<getetag>${tagOf(card)}</getetag><getlastmodified>${timeOf(card)}</getlastmodified><C:address-data>${text}</C:address-data>`;
  return `<response>${href}<propstat><prop>${prop}</prop><status>HTTP/1.1 200 OK</status></propstat></response>`;
}
