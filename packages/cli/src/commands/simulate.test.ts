import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Secret } from "@belay/sdk";
import { timestampedHmac } from "@belay/sdk/webhook";
import { describe, expect, test } from "vitest";
import { runBelay } from "../__fixtures__/run-command.ts";

interface Facts {
  readonly connector: string;
  readonly accounts: Readonly<Record<string, { url: string; credential: Record<string, string>; webhookSecret?: string }>>;
  readonly routes: readonly { method: string; path: string }[];
  readonly events: readonly string[];
  readonly control: string;
}

const factsOf = (stdout: string): Facts => JSON.parse(stdout.slice(0, stdout.indexOf("\n")));
const json = { "content-type": "application/json" };

describe("belay simulate", () => {
  test("serves a connector of a folder with the credential it prints, tells what happens, and ends with Ctrl-C", async () => {
    await using command = runBelay("simulate", "./connectors/zendesk", "--port", "0", "--accounts", "acme,globex", "--json");
    const { connector, accounts, routes } = factsOf(await command.until(/\n/));
    expect([connector, Object.keys(accounts)]).toEqual(["zendesk", ["acme", "globex"]]);
    expect(routes).toContainEqual({ method: "POST", path: "/api/v2/tickets", does: "create a ticket" });
    const { url, credential } = accounts["globex"]!;
    const authorization = `Basic ${Buffer.from(`${credential["username"]}:${credential["password"]}`).toString("base64")}`;
    const answer = await fetch(`${url}/api/v2/tickets`, {
      method: "POST",
      headers: { ...json, authorization },
      body: JSON.stringify({ ticket: { external_id: "e-1", subject: "Printer on fire", comment: { body: "Help" } } }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([201, { ticket: { id: 1001, subject: "Printer on fire" } }]);
    command.interrupt();
    expect(await command.ended).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('zendesk ← globex  ticket 1001 created "Printer on fire"'),
    });
  });

  test("sends signed webhooks where it is told to, and fails requests on demand", async () => {
    const arrived = Promise.withResolvers<{ request: IncomingMessage; body: Buffer }>();
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => (response.writeHead(200).end(), arrived.resolve({ request, body: Buffer.concat(chunks) })));
    });
    await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
    const to = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
    await using command = runBelay("simulate", "stripe", "--port", "0", "--webhooks-to", to, "--webhook-secret", "whsec_mine", "--json");
    const { control, accounts } = factsOf(await command.until(/\n/));
    const ask = (method: string, path: string, body: unknown) =>
      fetch(`${control}${path}`, { method, headers: json, body: JSON.stringify(body) });

    expect((await ask("POST", "/webhooks", { type: "customer.created" })).status).toBe(200);
    const { request, body } = await arrived.promise;
    const headers = { "stripe-signature": String(request.headers["stripe-signature"]) };
    const scheme = timestampedHmac({ header: "Stripe-Signature" });
    expect(scheme.verify({ headers, body }, [new Secret("whsec_mine")], new Date())).toEqual({ ok: true });

    await ask("POST", "/faults", { times: 1, fault: { kind: "answer", failure: "unavailable" } });
    const token = accounts["acme"]!.credential["token"];
    const read = async () => (await fetch(`${accounts["acme"]!.url}/nothing`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await read(), await read()]).toEqual([503, 404]);
    receiver.close().closeAllConnections();
  });

  test("--records gives each resource plausible records, the same ones for the same seed", async () => {
    const titles = async (): Promise<readonly unknown[]> => {
      await using command = runBelay("simulate", "github", "--port", "0", "--records", "40");
      const [, header = "", url = ""] = /-H 'authorization: (Bearer \S+)' '(\S+)'/.exec(await command.until(/What happens:\n/)) ?? [];
      const answer: unknown = await (await fetch(`${url}?per_page=100`, { headers: { authorization: header } })).json();
      return Array.isArray(answer) ? answer.map(({ title }: { title: unknown }) => title) : [answer];
    };
    const [once, again] = [await titles(), await titles()];
    expect(once).toHaveLength(40);
    expect(new Set(once).size).toBeGreaterThan(10);
    expect(again).toEqual(once);
  });

  test("says how to use it in commands that can be copied", async () => {
    await using command = runBelay("simulate", "zendesk", "--port", "0");
    const text = await command.until(/What happens:\n/);
    const url = /curl -s -u '([^']+)' '([^']+)'/.exec(text)!;
    const answer = await fetch(url[2]!, { headers: { authorization: `Basic ${Buffer.from(url[1]!).toString("base64")}` } });
    expect(answer.status).toBe(200);
    expect(text).toMatch(/POST +\/api\/v2\/tickets +create a ticket/);
  });

  test.each([
    [["simulate", "zendsek"], /CLI_CONNECTOR_UNKNOWN.*Available here: carddav, github, hubspot, parse, stripe, zendesk/],
    [["simulate", "packages/cli/src/errors.ts"], /CLI_CONNECTOR_UNKNOWN.*exports no connector/],
    [["simulate", "zendesk", "--port", "http"], /CLI_OPTION_INVALID: --port/],
    [["simulate", "zendesk", "--accounts", "acme,_x"], /CLI_OPTION_INVALID: --accounts/],
    [["simulate", "github", "--webhooks-to", "nowhere"], /CLI_OPTION_INVALID: --webhooks-to/],
  ])("%j ends with 1 and says what to do", async (args, message) => {
    await using command = runBelay(...args);
    expect(await command.ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
  });

  test("a port in use is named", async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
    await using command = runBelay("simulate", "zendesk", "--port", String((other.address() as AddressInfo).port));
    expect(await command.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/CLI_PORT_TAKEN.*--port/) });
    other.close();
  });
});

test("belay start does not load the testkit", () => {
  const text = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const seen = new Set<string>();
  const follow = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    for (const [, kind = "", specifier = ""] of readFileSync(url, "utf8").matchAll(/^(import|export) (?!type)[^;]*?from "([^"]+)"/gm)) {
      expect([url.pathname, kind, specifier]).not.toContain("@belay/testkit");
      if (specifier.startsWith(".")) follow(new URL(specifier, url));
    }
  };
  // What the command itself loads, and what this one adds to it.
  follow(new URL("../main.ts", import.meta.url));
  follow(new URL("start.ts", import.meta.url));
  expect(seen.size).toBeGreaterThan(4);
  expect(text("../development/open-simulation.ts")).toContain('await import("@belay/testkit")');
});
