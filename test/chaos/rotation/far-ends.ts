import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import { clientId } from "./names.ts";
import type { Tally } from "./tally.ts";

const targets = ["ledger", "crm", "desk"] as const;
export type Target = (typeof targets)[number];

/** Providers that take no credential but those they know, and remember what was written. */
export interface FarEnds extends AsyncDisposable {
  readonly url: string;
  /** Credentials that are valid now; the OAuth client has one secret at a time, as with most providers. */
  readonly valid: { readonly ledger: Set<string>; readonly desk: Set<string>; clientSecret: string };
  /** Every credential that was taken at least once. */
  readonly used: ReadonlySet<string>;
  /** References of what was written. */
  readonly written: Readonly<Record<Target, ReadonlySet<string>>>;
}

const tokenSeconds = 8;
/** Clocks and wires: no provider refuses a token in the very second. */
const graceMs = 4_000;

/** Starts them, on loopback. A call with a credential that is not valid is answered with 401, and counted as failed. */
export async function startFarEnds(
  tally: Tally,
  given: { ledger: string; desk: string; clientSecret: string; refreshToken: string },
): Promise<FarEnds> {
  const written = { ledger: new Set<string>(), crm: new Set<string>(), desk: new Set<string>() };
  const used = new Set<string>();
  const valid = { ledger: new Set([given.ledger]), desk: new Set([given.desk]), clientSecret: given.clientSecret };
  const accessTokens = new Map<string, number>();
  const isValid = (target: Target, credential: string): boolean =>
    target === "crm" ? (accessTokens.get(credential) ?? 0) + graceMs > Date.now() : valid[target].has(credential);
  const giveToken = (body: string, response: ServerResponse): void => {
    const form = new URLSearchParams(body);
    const secret = form.get("client_secret") ?? "";
    // One that is refused is not yet a failed call: Belay may have the next. What comes of it shows where the token is needed.
    if (form.get("client_id") !== clientId || secret !== valid.clientSecret) return answer(response, 401, { error: "invalid_client" });
    if (form.get("refresh_token") !== given.refreshToken) return answer(response, 400, { error: "invalid_grant" });
    used.add(secret);
    const token = randomUUID();
    accessTokens.set(token, Date.now() + tokenSeconds * 1_000);
    return answer(response, 200, { access_token: token, token_type: "Bearer", expires_in: tokenSeconds });
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, name = "", resource = ""] = new URL(request.url ?? "/", "http://far.end").pathname.split("/");
    const body = await readBody(request);
    if (`${name}/${resource}` === "crm/token") return giveToken(body, response);
    const target = targets.find((each) => each === name);
    if (target === undefined || resource !== "entries") return answer(response, 404, {});
    const credential = request.headers["x-api-key"] ?? (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const taken = isValid(target, String(credential));
    tally.add(`call of ${target}`, taken ? undefined : "401 at the provider");
    if (!taken) return answer(response, 401, { error: "unauthorized" });
    used.add(String(credential));
    if (request.method !== "POST") return answer(response, 200, []);
    const reference = String((JSON.parse(body) as Record<string, unknown>)["reference"]);
    written[target].add(reference);
    return answer(response, 201, { id: reference });
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    valid,
    used,
    written,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
