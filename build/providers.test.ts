import { defineConnector } from "@belay/sdk";
import { oauth2 } from "@belay/sdk/oauth2";
import { expect, test } from "vitest";
import { z } from "zod";
import { providers } from "../packages/sdk/src/oauth2/providers.generated.ts";
import { writeProviders } from "./providers.ts";

test("the table of providers is what the catalogue says", async () => {
  const written = await writeProviders();
  const rows = [...written.matchAll(/^ {2}(".*?"): (\[.*\]),$/gm)].map(([, name, row]) => [JSON.parse(name!), JSON.parse(row!)] as const);
  expect(Object.fromEntries(rows)).toEqual(providers);
  expect(rows.length).toBeGreaterThan(180);
});

test("every provider of the table can be declared", () => {
  for (const name of Object.keys(providers) as (keyof typeof providers)[]) {
    const auth = oauth2.provider(name, { scopes: ["one"] });
    const placeholders = [...`${auth.authorizationUrl} ${auth.tokenUrl}`.matchAll(/\{\w+\}/g)].join("");
    const resources = { thing: { path: "/things", id: "id", schema: z.object({ id: z.string() }) } };
    const declare = () => defineConnector({ id: "x", title: name, baseUrl: `https://api.example/${placeholders}`, auth, resources });
    expect(declare, name).not.toThrow();
  }
});

test("what a connector says of a provider wins over the table, and a slip in a name is told", () => {
  expect(oauth2.provider("google", { tokenUrl: "/token", accessTokenLifetime: "5m" })).toMatchObject({
    tokenUrl: "/token",
    accessTokenLifetime: "5m",
    authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
    authorizationParameters: { access_type: "offline", prompt: "consent" },
  });
  // @ts-expect-error -- it is none of the names.
  expect(() => oauth2.provider("gogle")).toThrow(
    'Provider "gogle", name: found a name that is not in the catalogue. Did you mean "google"?',
  );
});
