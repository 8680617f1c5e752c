/**
 * The target systems of the crash harness, in one process that nobody kills: a plain HTTP server which keeps every effect in memory, in the order
 * in which it made them. It fails as real ones do: refuses, breaks down before or after the effect, loses the connection, never answers.
 *
 * - `POST /chaos-ledger/entries` and `PUT /chaos-board/cards/{id}` honour `Idempotency-Key`.
 * - `POST /chaos-registry/items` honours nothing; `GET /chaos-registry/items?reference=` answers what is there.
 * With `CHAOS_CALM_MS` nothing fails and every answer takes so long: then how much is done depends on who does it.
 *
 * - `GET /chaos-board/cards?after=`: as many cards as `CHAOS_LISTED` says.
 * - `GET /effects?from=N`: the effects from the Nth on, for the checker.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Effect } from "./crash/check-history.ts";
import type { ChildMessage } from "./crash/protocol.ts";
import { createRandom } from "./crash/random.ts";
import type { Kind } from "./crash/source-event.ts";

type Body = Readonly<Record<string, unknown>>;

/** How a write is treated; the chances are out of 1,000. */
const writeFaults = { tooMany: 4, tooManyForLong: 2, failBefore: 8, failAfter: 6, breakAfter: 10, neverAnswer: 0.5 } as const;
/** Look-ups come after something went wrong; that is when a target is short of breath, and when what is known of earlier attempts must not get lost. */
const findFaults = { tooMany: 20, tooManyForLong: 10, failBefore: 20, failAfter: 0, breakAfter: 20, neverAnswer: 0 } as const;
type Fault = keyof typeof writeFaults | "none";

process.once("disconnect", () => process.exit(0));

const random = createRandom(Number(process.env["CHAOS_SEED"] ?? 1));
const calmMs = Number(process.env["CHAOS_CALM_MS"] ?? 0);
const listed = Number(process.env["CHAOS_LISTED"] ?? 0);
const effects: Effect[] = [];
const answers = new Map<string, Body>();
const items = new Map<string, Body[]>();

const server = createServer((request, response) => {
  serve(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ ready: `http://127.0.0.1:${port}` } satisfies ChildMessage);
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://target");
  if (url.pathname === "/effects") {
    answer(response, 200, effects.slice(Number(url.searchParams.get("from"))));
    return;
  }
  const body = await readBody(request);
  if (calmMs > 0) {
    await pause(calmMs);
    const found = act(request, url, body);
    answer(response, found === undefined ? 404 : 200, found ?? {});
    return;
  }
  const fault = drawFault(request.method === "GET" ? findFaults : writeFaults);
  // Work takes time, and not always the same: without order from the sender there would be none here.
  await pause(1 + random() * 20);
  if (fault === "tooMany" || fault === "tooManyForLong") {
    response.setHeader("retry-after", fault === "tooMany" ? "1" : "2");
    answer(response, 429, {});
    return;
  }
  if (fault === "failBefore") {
    answer(response, 500, {});
    return;
  }
  const result = act(request, url, body);
  await pause(random() * 10);
  if (fault === "neverAnswer") return;
  if (fault === "breakAfter") response.destroy();
  else if (fault === "failAfter") answer(response, 500, {});
  else answer(response, result === undefined ? 404 : 200, result ?? {});
}

/** Makes the effect, at once and as a whole. */
function act(request: IncomingMessage, url: URL, body: Body): unknown {
  const [, connector, resource] = url.pathname.split("/");
  const route = `${request.method} ${connector}/${resource}`;
  switch (route) {
    case "POST chaos-ledger/entries":
      return once(request, () => record("ledger", body));
    case "PUT chaos-board/cards":
      return once(request, () => record("board", body));
    case "GET chaos-board/cards":
      return listCards(Number(url.searchParams.get("after") ?? 0));
    case "POST chaos-registry/items": {
      const reference = String(body["reference"]);
      const item = record("registry", body);
      items.set(reference, [...(items.get(reference) ?? []), item]);
      return item;
    }
    case "GET chaos-registry/items":
      return items.get(url.searchParams.get("reference") ?? "") ?? [];
    default:
      return undefined;
  }
}

/** Cards that nobody made, for batches; each page begins with the last of the one before, as where records move while they are listed. */
function listCards(after: number): unknown {
  const from = Math.max(0, after - 1);
  const to = Math.min(listed, after + 500);
  return {
    cards: Array.from({ length: to - from }, (_, index) => ({ id: String(from + index) })),
    ...(to < listed && { next: String(to) }),
  };
}

function once(request: IncomingMessage, effect: () => Body): Body {
  const key = request.headers["idempotency-key"];
  const known = typeof key === "string" ? answers.get(key) : undefined;
  const result = known ?? effect();
  if (typeof key === "string") answers.set(key, result);
  return result;
}

function record(kind: Kind, body: Body): Body {
  effects.push({ kind, key: String(body["key"]), sequence: Number(body["sequence"]), part: Number(body["part"]), at: Date.now() });
  return { ...body, id: String(effects.length) };
}

function drawFault(faults: Readonly<Record<Exclude<Fault, "none">, number>>): Fault {
  let left = random() * 1_000;
  for (const [fault, chance] of Object.entries(faults)) {
    left -= chance;
    if (left < 0) return fault as Fault;
  }
  return "none";
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString("utf8")) as Body);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
