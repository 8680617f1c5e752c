import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { Secret } from "../secret.ts";
import { connectionTo, desk, testPorts } from "./__fixtures__/desk.ts";
import { createClient } from "./client/create-client.ts";

/** A hundred years valid, for 127.0.0.1 and onprem.example; signed by an authority of its own, whose key is gone. */
const pem = (name: string): string => readFileSync(new URL(`./__fixtures__/tls/${name}`, import.meta.url), "utf8");

async function startHost() {
  const server = createServer(
    { key: pem("server.key"), cert: pem("server.pem"), ca: pem("ca.pem"), requestCert: true, rejectUnauthorized: true },
    (_request, response) => response.writeHead(200, { "content-type": "application/json" }).end('{"ticket":{"id":1,"subject":"a"}}'),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a host of one's own is trusted by its authority and shown the certificate it asks for", async () => {
  await using host = await startHost();
  await using ports = testPorts();
  const tls = { ca: new Secret(pem("ca.pem")), cert: new Secret(pem("client.pem")), key: new Secret(pem("client.key")) };
  const client = createClient(desk, { ...connectionTo(host.url), tls }, ports);
  await expect(client.ticket.get(1)).resolves.toMatchObject({ id: 1 });
  expect(ports.network.withTls("private", tls)).toBe(ports.network.withTls("private", { ...tls }));
});

test("without them no connection comes about", async () => {
  await using host = await startHost();
  await using ports = testPorts();
  const stranger = createClient(desk, connectionTo(host.url), ports);
  await expect(stranger.ticket.get(1)).rejects.toMatchObject({ code: "HTTP_TLS_FAILED", details: { sent: false } });
  const tls = { ca: new Secret(pem("ca.pem")) };
  await using others = testPorts();
  const silent = createClient(desk, { ...connectionTo(host.url), tls }, others);
  await expect(silent.ticket.get(1)).rejects.toMatchObject({ code: expect.stringMatching(/^HTTP_(CONNECTION_LOST|TLS_FAILED)$/) });
});
