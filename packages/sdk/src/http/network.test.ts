import { expect, test } from "vitest";
import { json, startProvider } from "./__fixtures__/local-provider.ts";
import { createClient } from "./client/create-client.ts";
import { connectionTo, desk, testPorts } from "./__fixtures__/desk.ts";
import { createNetwork } from "./network.ts";

const hosts = ["0x7f.1", "2130706433", "127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "localhost", "169.254.169.254", "0.0.0.0"];

test.each(hosts)("a tenant's base URL with %s reaches nothing", async (host) => {
  await using provider = await startProvider((_received, response) => json(response, 200, {}));
  await using ports = testPorts();
  const { port } = new URL(provider.url);
  const client = createClient(desk, connectionTo(`http://${host}:${port}`), { ...ports, allowPrivateHost: false });
  await expect(client.ticket.get(1)).rejects.toMatchObject({ code: "HTTP_ADDRESS_FORBIDDEN", retry: "never" });
  expect(provider.received).toHaveLength(0);
});

test("the metadata address stays closed to an operator's base URL too", async () => {
  await using ports = testPorts();
  const client = createClient(desk, connectionTo("http://169.254.169.254"), ports);
  await expect(client.ticket.get(1)).rejects.toMatchObject({ code: "HTTP_ADDRESS_FORBIDDEN" });
});

test("a name with one private address among public ones is refused", async () => {
  await using network = createNetwork({
    lookup: (_hostname, _options, callback) =>
      callback(null, [
        { address: "93.184.216.34", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ]),
  });
  await using ports = testPorts();
  const client = createClient(desk, connectionTo("http://desk.example"), { ...ports, network, allowPrivateHost: false });
  await expect(client.ticket.get(1)).rejects.toMatchObject({ code: "HTTP_ADDRESS_FORBIDDEN" });
});

test("connects to the very address that was judged, whatever the name says a moment later", async () => {
  await using provider = await startProvider((_received, response) => json(response, 200, { ticket: { id: 1, subject: "a" } }));
  const answers = ["127.0.0.1", "169.254.169.254"];
  await using network = createNetwork({
    connectionsPerOrigin: 1,
    lookup: (_hostname, _options, callback) => callback(null, [{ address: answers.shift() ?? "", family: 4 }]),
  });
  await using ports = testPorts();
  const client = createClient(desk, connectionTo(`http://desk.example:${new URL(provider.url).port}`), { ...ports, network });
  await expect(client.ticket.get(1)).resolves.toMatchObject({ id: 1 });
  expect(answers).toEqual(["169.254.169.254"]);
});
