import { Secret, defineConnector } from "@belay/sdk";
import type { Auth } from "@belay/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { drive, steppingClock } from "./__fixtures__/drive.ts";
import { simulate } from "./index.ts";

/* The simulator takes what the client sends for every kind of auth, refuses what it does not, and writes none of it down. */

const deskWith = (auth: Auth) =>
  defineConnector({
    id: "desk",
    title: "Desk",
    baseUrl: "https://desk.example",
    auth,
    resources: {
      ticket: {
        path: "/tickets",
        id: "id",
        schema: z.object({ id: z.number(), subject: z.string() }),
        create: { input: z.object({ subject: z.string() }), safety: { kind: "natural" } },
        list: { paging: { kind: "none" } },
      },
    },
  });

const kinds: readonly (readonly [string, Auth, Readonly<Record<string, string>>])[] = [
  ["a key in the query", { kind: "apiKey", query: "api_key" }, { apiKey: "k3y &=1" }],
  ["a key as the user's name", { kind: "basic", username: "{apiKey}", password: "x" }, { apiKey: "k3y-1" }],
  [
    "several headers",
    { kind: "headers", headers: { "X-Mail": "{email}", "X-Key": "{apiKey}" } },
    { email: "ann@a.example", apiKey: "k3y-1" },
  ],
  [
    "a session",
    { kind: "session", tokenUrl: "/login", login: { body: { k: "{apiKey}" } }, answer: { accessToken: "t" }, accessTokenLifetime: "20m" },
    { apiKey: "k3y-1", accessToken: "t0ken-1" },
  ],
];

test.each(kinds)("%s", async (_what, auth, fields) => {
  const credential = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, new Secret(value)]));
  const simulator = await simulate(deskWith(auth), { accounts: { acme: credential }, listen: false, clock: steppingClock() });
  const client = drive(deskWith(auth), simulator, steppingClock(), credential);
  await client.ticket.create({ subject: "Hello" });
  const found: string[] = [];
  for await (const { subject } of client.ticket.list()) found.push(subject);
  expect(found).toEqual(["Hello"]);
  expect((await simulator.fetch(`${simulator.url("acme")}/tickets`)).status).toBe(401);
  const told = decodeURIComponent(JSON.stringify(simulator.history()).replaceAll("+", " "));
  expect(Object.values(fields).filter((value) => told.includes(value))).toEqual([]);
});

test("a login yields a token that opens the API until it ends", async () => {
  const clock = steppingClock();
  const auth: Auth = {
    kind: "session",
    tokenUrl: "/login",
    login: { headers: { "X-Key": "{apiKey}" } },
    tokenIn: { cookie: "sid" },
    accessTokenLifetime: "20m",
    sends: { header: "X-Session" },
  };
  const simulator = await simulate(deskWith(auth), { accounts: { acme: { apiKey: new Secret("k") } }, listen: false, clock });
  const url = simulator.url("acme");
  const logIn = (key: string) => simulator.fetch(`${url}/login`, { method: "POST", headers: { "x-key": key } });
  expect((await logIn("wrong")).status).toBe(401);
  const [, token = ""] = /^sid=([^;]+)/.exec((await logIn("k")).headers.get("set-cookie") ?? "") ?? [];
  const open = async () => (await simulator.fetch(`${url}/tickets`, { headers: { "x-session": token } })).status;
  expect(await open()).toBe(200);
  clock.advance(20 * 60_000);
  expect(await open()).toBe(401);
});
