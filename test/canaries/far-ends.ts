import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { canaries, entrusted } from "./canaries.ts";

export interface FarEnd extends AsyncDisposable {
  readonly url: string;
}

/** A provider that says back whatever it is told, the credential too, hands out secrets of its own, and fails as the note of an entry asks. */
export async function startLedger(): Promise<FarEnd> {
  return await listen(async (request, response) => {
    const body = (await readAll(request)).toString();
    const said = { authorization: request.headers.authorization, url: request.url, body };
    const headers = {
      "content-type": "application/json",
      "set-cookie": `session=${canaries.issued}; HttpOnly`,
      "x-api-key": canaries.issued,
      "x-said": String(request.headers.authorization),
    };
    const { buyer, note } = body === "" ? { buyer: "?", note: "" } : (JSON.parse(body) as { buyer: string; note: string });
    const answer = { id: "entry-1", buyer, access_token: canaries.issued, nested: { refresh_token: canaries.issued }, said };
    if (request.method === "GET" && request.url?.includes("?") === true) response.writeHead(200, headers).end("[]");
    else if (note === "refuse") response.writeHead(422, headers).end(JSON.stringify({ error: `no entry for ${buyer}`, ...answer }));
    else if (note === "drift") response.writeHead(200, headers).end(JSON.stringify({ ...answer, id: 7 }));
    else if (note === "cut") request.socket.destroy();
    else response.writeHead(request.method === "POST" ? 201 : 200, headers).end(JSON.stringify(answer));
  });
}

/** A provider that says back all that it is told, as errors too: of a token endpoint, of a bank whose tokens have ended, of whoever comes with a wrong key. */
export async function startParrot(): Promise<FarEnd> {
  return await listen(async (request, response) => {
    const body = (await readAll(request)).toString();
    const url = request.url ?? "";
    const said = JSON.stringify({ error: `${url} ${body}`, error_description: JSON.stringify(request.headers), body });
    const status = url.startsWith("/token") ? 400 : url.startsWith("/bank") || url.includes(entrusted.wrongKey) ? 401 : 200;
    response
      .writeHead(status, { "content-type": "application/json", "x-said": String(request.headers.authorization), link: `<${url}>` })
      .end(said);
  });
}

/** Takes whatever is sent, as a collector and as an error tracker. */
export async function startSink(): Promise<FarEnd & { readonly received: readonly Buffer[] }> {
  const received: Buffer[] = [];
  const sink = await listen(async (request, response) => {
    received.push(Buffer.from(`${request.url} ${JSON.stringify({ ...request.headers, "x-sentry-auth": "" })}\n`), await readAll(request));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  return { ...sink, received };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

async function listen(answer: (...exchange: Parameters<RequestListener>) => Promise<void>): Promise<FarEnd> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
