import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { countStored, empty, type Ingress, nothing, sign, startIngress } from "./__fixtures__/shop.ts";
import type { IngressCode } from "./errors.ts";

const url = "/in/shop-of-acme-0123";
const good = '{"id":"o-1","order":"A"}';
const right = sign(good);

describe("a forged webhook", () => {
  let database: Database;
  let ingress: Ingress;
  let statements = 0;
  beforeAll(async () => {
    database = await openFreshPostgres();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await empty(database.db);
    statements = 0;
    const counted = database.db.withPlugin({
      transformQuery: ({ node }) => {
        statements += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    ingress = startIngress(counted);
  });
  afterEach(() => ingress.server.close());

  test("costs no statement of the database, whatever is wrong with it, and whether its endpoint exists or not", async () => {
    const forged: (readonly [string, Record<string, string>, number])[] = [
      [url, { ...right, "x-signature": "0".repeat(64) }, 401],
      [url, { ...right, "x-signature": "" }, 401],
      [url, { ...right, "x-signature": "nonsense" }, 401],
      [`/in/${randomUUID()}`, right, 404],
      [`/in/${randomUUID()}`, right, 404],
      [`/in/${"x".repeat(190)}`, right, 404],
    ];
    for (const [to, headers, status] of forged) {
      const { statusCode } = await ingress.server.inject({ method: "POST", url: to, headers, payload: good });
      expect(statusCode).toBe(status);
    }
    expect(statements).toBe(0);
    expect(await countStored(database.db)).toEqual(nothing);
    expect((await ingress.server.inject({ method: "POST", url, headers: right, payload: good })).statusCode).toBe(202);
    expect(statements).toBeGreaterThan(0);
  });

  test.each<readonly [string, Record<string, string>, number, IngressCode]>([
    ["has no signature", { "content-type": "application/json" }, 401, "INGRESS_SIGNATURE_WRONG"],
    ["has what is no signature", { ...right, "x-signature": "g".repeat(64) }, 401, "INGRESS_SIGNATURE_WRONG"],
    ["is no JSON", { ...right, "content-type": "text/plain" }, 415, "INGRESS_TYPE_UNSUPPORTED"],
    ["has an endpoint that nobody has", right, 404, "INGRESS_ENDPOINT_UNKNOWN"],
  ])("that is large and %s is refused before a byte of its body has come, and its connection ends", async (what, headers, status, code) => {
    await ingress.server.listen({ port: 0, host: "127.0.0.1" });
    const { port } = ingress.server.server.address() as AddressInfo;
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    const path = what.includes("nobody") ? `/in/${randomUUID()}` : url;
    const lines = Object.entries({ ...headers, host: "a", "content-length": "2000000" }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
    await once(socket, "close");
    const answer = Buffer.concat(chunks).toString();
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*connection: close[^]*${code}`, "i"));
    expect(statements).toBe(0);
  });

  test("that is large and looks right is read to its end, and not believed", async () => {
    const large = JSON.stringify({ id: "o-1", order: "A", note: "x".repeat(100_000) });
    const { statusCode } = await ingress.server.inject({ method: "POST", url, headers: right, payload: large });
    expect(statusCode).toBe(401);
    expect((await ingress.server.inject({ method: "POST", url, headers: sign(large), payload: large })).statusCode).toBe(202);
  });
});
