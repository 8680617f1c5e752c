import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

/*
 * What the compiler says to mistakes, and where: a message that is true but cannot be read helps nobody. The line of each mistake ends
 * with a comment that says what the message must have; every error must be one of these, so code without one must compile.
 */
const source = `
import { defineConfig, defineConnector, defineFlow, defineSync, Secret } from "@belay/sdk";
import type { ConnectorDefinition } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { oauth2 } from "@belay/sdk/oauth2";
import { z } from "zod";

const ticket = { id: z.number(), subject: z.string(), note: z.string().nullable() };
export const desk = defineConnector({
  id: "desk", title: "Desk", baseUrl: "https://desk.example", auth: { kind: "basic" },
  resources: {
    ticket: {
      path: "/tickets", id: "id", schema: z.object(ticket), get: {},
      create: { input: z.object({ subject: z.string(), note: z.string().optional() }), safety: { kind: "natural" } },
    },
  },
  webhooks: {
    scheme: hmacSignature({ header: "x" }), maxBytes: 1, id: { body: "id", signed: true }, type: { body: "type" },
    events: { "ticket.made": z.object({ ticket: z.object(ticket) }) },
  },
});
export const bank = defineConnector({ id: "bank", title: "Bank", baseUrl: "https://bank.example", auth: { kind: "bearer" }, resources: desk.resources });

export const flow = defineFlow({
  id: "flow", on: desk.events["ticket.made"], to: desk, connections: { bank },
  run: async ({ event, target, step, connections, attempt }) => {
    const found = await step("find", () => target.ticket.get(event.ticket.id));
    const made = await step("make", () => connections.bank.ticket.create({ subject: event.ticket.subject }));
    if (attempt > 1 && found !== undefined && found.note !== null) made.subject.concat(found.note.trim());
    await step("wrong", () => target.ticket.create({ subjekt: "x" })); // 'subjekt' does not exist in type
    await step("wrong", () => target.ticket.create({ subject: 7 })); // Type 'number' is not assignable to type 'string'
    await step("wrong", () => target.tickets.get(1)); // Property 'tickets' does not exist on type
    await step("wrong", () => connections.bnk.ticket.get(1)); // Property 'bnk' does not exist on type
    void found.subject; // 'found' is possibly 'undefined'
    void made.note.length; // 'made.note' is possibly 'null'
    void event.ticket.note.length; // 'event.ticket.note' is possibly 'null'
    void event.tiket; // Property 'tiket' does not exist on type
  },
});

export const misnamed = defineFlow({ id: "a", on: desk.events["ticket.mad"], to: desk, run: async () => {} }); // Property 'ticket.mad' does not exist on type
export const bare = { id: "b", title: "B", baseUrl: "https://b.example", resources: {} } satisfies ConnectorDefinition; // Property 'auth' is missing in type

export const counted = {
  ...bank, id: "counted",
  limits: [
    { scope: "app", requests: 10, per: "1s", costs: { ticket: 2 }, reserve: { interactive: 0.1 }, headers: "RateLimit" },
    { endpoint: "POST /search", requests: 10, per: "1s", cost: 5 },
    { scope: "all", requests: 10, per: "1s" }, // Type '"all"' is not assignable to type
    { requests: 10, per: "1s", reserve: { nightly: 0.1 } }, // 'nightly' does not exist in type
    { requests: 10, per: "1 second" }, // Type '"1 second"' is not assignable to type
    { requests: 10, per: "1s", headers: "RateLimits" }, // Type '"RateLimits"' is not assignable to type
  ],
} satisfies ConnectorDefinition;

const named = { model: "named", schema: z.object({ name: z.string() }) };
export const kept = defineSync({ id: "kept", source: desk.ticket, target: named, map: ({ subject }) => ({ name: subject }) });
defineSync({ id: "kept", source: desk.tickt, target: named, map: () => ({ name: "" }) }); // Property 'tickt' does not exist on type
defineSync({ id: "kept", source: desk.ticket, target: named, map: ({ subjekt }) => ({ name: subjekt }) }); // Property 'subjekt' does not exist on type
defineSync({ id: "kept", source: desk.ticket, target: named, map: ({ id }) => ({ name: id }) }); // Type 'number' is not assignable to type 'string'

const user = new Secret("u");
export const config = defineConfig({
  connectors: [desk, bank], flows: [flow],
  connections: [
    { id: "a", tenant: "t", connector: "desk", credential: { username: user, password: user } },
    { id: "b", tenant: "t", connector: "bank" },
  ],
});
const parts = { connectors: [desk, bank], flows: [flow] } as const;
defineConfig({ ...parts, connections: [{ id: "c", tenant: "t", connector: "dsk" }] }); // is not assignable to type '"dsk" & NoSuchConnector<
defineConfig({ ...parts, connections: [{ id: "d", tenant: "t", connector: "desk", credential: { username: user } }] }); // Property 'password' is missing in type '{ username: Secret; }'
defineConfig({ ...parts, connections: [{ id: "e", tenant: "t", connector: "bank", credential: { token: "plain" } }] }); // Type 'string' is not assignable to type 'Secret'

const made = { title: "X", baseUrl: "https://x.example", resources: desk.resources } as const;
const chat = defineConnector({ ...made, id: "chat", auth: oauth2.provider("slack", { scopes: ["chat:write"] }) });
const mail = defineConnector({ ...made, id: "mail", auth: { kind: "basic", username: "{email}/token", password: "{apiToken}" } });
const shop = defineConnector({ ...made, id: "shop", auth: { kind: "headers", headers: { "X-Id": "{shopId}", "X-Key": "{apiKey}" } } });
const bot = defineConnector({ ...made, id: "bot", auth: { kind: "jwtBearer", assertion: "serviceAccount", tokenUrl: "/token", accessTokenLifetime: "1h" } });
const door = defineConnector({
  ...made, id: "door",
  auth: { kind: "session", tokenUrl: "/login", login: { body: { pin: "{pin}" } }, answer: { accessToken: "t" }, accessTokenLifetime: "1h" },
});
const more = { connectors: [chat, mail, shop, bot, door], flows: [] } as const;
const client = { id: "c", secrets: [user] };
defineConfig({
  ...more,
  oauthClients: { chat: client },
  connections: [
    { id: "f", tenant: "t", connector: "chat", credential: { accessToken: user, refreshToken: user } },
    { id: "g", tenant: "t", connector: "mail", credential: { email: user, apiToken: user } },
    { id: "h", tenant: "t", connector: "shop", credential: { shopId: user, apiKey: user } },
    { id: "i", tenant: "t", connector: "bot", credential: { serviceAccount: user, subject: user } },
    { id: "j", tenant: "t", connector: "door", credential: { pin: user } },
  ],
});
defineConfig({ ...more, connections: [], oauthClients: { mail: client } }); // 'mail' does not exist in type
defineConfig({ ...more, connections: [], oauthClients: { chat: { id: "c", secrets: ["plain"] } } }); // Type 'string' is not assignable to type 'Secret'
defineConfig({ ...more, connections: [{ id: "k", tenant: "t", connector: "mail", credential: { email: user } }] }); // Property 'apiToken' is missing in type
defineConfig({ ...more, connections: [{ id: "l", tenant: "t", connector: "shop", credential: { apiKey: user } }] }); // Property 'shopId' is missing in type
defineConfig({ ...more, connections: [{ id: "m", tenant: "t", connector: "door", credential: { pni: user } }] }); // Property 'pin' is missing in type
oauth2.provider("slak"); // Argument of type '"slak"' is not assignable
`;

test("mistakes of field, event, credential and nullable are told where they are made, in words that can be read", async () => {
  const root = resolve(import.meta.dirname, "../..");
  // Inside the repository, so that packages are found as a user's project finds them.
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  const folder = mkdtempSync(join(root, "node_modules/.cache/mistakes-"));
  try {
    writeFileSync(join(folder, "mistakes.ts"), source);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: join(root, "tsconfig.json"), include: ["mistakes.ts"], exclude: [] }),
    );
    const errors = readErrors(await compile(folder));
    const expected = source
      .split("\n")
      .map((line, index) => ({ line: index + 1, text: line.split(" // ")[1] }))
      .filter(({ text }) => text !== undefined);
    expect(errors.map(({ line }) => line)).toEqual(expected.map(({ line }) => line));
    for (const [index, { text }] of expected.entries()) expect(errors[index]?.message).toContain(text);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

interface CompilerError {
  readonly line: number;
  readonly message: string;
}

function readErrors(output: string): readonly CompilerError[] {
  const errors: CompilerError[] = [];
  for (const line of output.split("\n")) {
    const [, number, message] = /^.*mistakes\.ts\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
    if (number !== undefined && message !== undefined) errors.push({ line: Number(number), message });
    else if (/^\s+\S/.test(line)) {
      const last = errors.pop();
      if (last !== undefined) errors.push({ line: last.line, message: `${last.message} ${line.trim()}` });
    }
  }
  return errors;
}

function compile(folder: string): Promise<string> {
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const parameters = [compiler, "--pretty", "false", "-p", folder];
  return new Promise((done) => execFile(process.execPath, parameters, { cwd: folder }, (_error, stdout) => done(stdout)));
}
