import { sql } from "kysely";
import type { Browser, Page } from "playwright-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { disconnect } from "../../packages/server/src/connect/index.ts";
import { noteConnected, sealAccount } from "../../packages/server/src/connections/index.ts";
import type { Database } from "../../packages/server/src/db/index.ts";
import { openFreshPostgres } from "../setup/database.ts";
import { type ConnectWorld, goodKey, openConnectWorld } from "./connect-world.ts";
import { openBrowser, picture } from "./open-browser.ts";

/** What may be asked for, as somebody who uses a keyboard or a screen reader meets it. */
async function headingOf(page: Page): Promise<string> {
  return await page.getByRole("heading", { level: 1 }).innerText();
}

describe("connecting in a browser", () => {
  let database: Database;
  let world: ConnectWorld;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    database = await openFreshPostgres();
    world = await openConnectWorld(database);
    browser = await openBrowser();
    return async () => {
      await browser.close();
      await world[Symbol.asyncDispose]();
      await database.close();
    };
  });

  beforeEach(async () => {
    world.oauth.decide((scopes) => scopes);
    world.desk.answers(0);
    page = await openPage();
    return () => page.context().close();
  });

  const openPage = async (): Promise<Page> => {
    // Scripts are off: the pages do not need any.
    const context = await browser.newContext({ viewport: { width: 900, height: 760 }, javaScriptEnabled: false });
    context.setDefaultTimeout(10_000);
    return await context.newPage();
  };

  const queryOf = async (): Promise<URLSearchParams> => {
    const back = page.getByRole("link", { name: "Go back" });
    await Promise.race([back.click().catch(() => {}), page.waitForURL(/\/app\?/)]);
    await page.waitForURL(/\/app\?/);
    return new URL(page.url()).searchParams;
  };

  test("somebody agrees at the provider, comes back, and the application learns which connection it is", async () => {
    await page.goto(await world.link({ connector: "crm", tenant: "agrees", user: { name: "Jane of Agrees" } }));
    expect(await headingOf(page)).toBe("Connect Northwind CRM");
    expect(await page.getByText("Read contacts").isVisible()).toBe(true);
    expect(await page.getByRole("checkbox", { name: /Create and change contacts/ }).isChecked()).toBe(true);
    await picture(page, "oauth-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "oauth-dark");
    await page.setViewportSize({ width: 360, height: 700 });
    await picture(page, "oauth-phone");
    await page.getByRole("checkbox", { name: /Create and change contacts/ }).uncheck();
    await page.getByRole("button", { name: "Continue to Northwind CRM" }).click();
    await page.getByRole("heading", { name: "Northwind CRM is connected" }).waitFor();
    await picture(page, "connected-dark-phone");
    const query = await queryOf();
    expect(query.get("status")).toBe("connected");
    const connection = world.catalog.connections.get(query.get("connection") ?? "")!;
    expect(connection.tenant).toBe("agrees");
    const health = (await world.connecting.credentials.health([connection])).get(connection.id);
    // Expiring, because nothing renews it here.
    expect([health?.state, health?.scopes?.includes("contacts.read"), health?.scopes?.includes("contacts.write")]).toEqual([
      "expiring",
      true,
      false,
    ]);
  });

  test("somebody refuses at the provider, is told so, and can still go on", async () => {
    world.oauth.decide(() => "deny");
    const link = await world.link({ connector: "crm", tenant: "refuses" });
    await page.goto(link);
    await page.getByRole("button", { name: /Continue/ }).click();
    await page.getByRole("alert").waitFor();
    expect(page.url()).toBe(link);
    expect(await page.getByRole("alert").innerText()).toMatch(/You didn’t give access/);
    await picture(page, "refused");
    world.oauth.decide((scopes) => scopes);
    await page.getByRole("button", { name: /Continue/ }).click();
    expect((await queryOf()).get("status")).toBe("connected");
    expect(world.catalog.ofTenant("refuses")).toHaveLength(1);
  });

  test("somebody closes the window, and finds the link as it was", async () => {
    const link = await world.link({ connector: "crm", tenant: "closes" });
    await page.goto(link);
    const atProvider = Promise.withResolvers<undefined>();
    await page.route(`${world.oauth.issuer}/**`, async (route) => {
      atProvider.resolve(undefined);
      await route.abort();
    });
    await page.getByRole("button", { name: /Continue/ }).click();
    // Of two who go there by one link the later one may come back: it is the one below.
    await atProvider.promise;
    await page.context().close();
    expect(world.catalog.ofTenant("closes")).toEqual([]);
    page = await openPage();
    await page.goto(link);
    expect(await headingOf(page)).toBe("Connect Northwind CRM");
    await page.getByRole("button", { name: /Continue/ }).click();
    expect((await queryOf()).get("status")).toBe("connected");
  });

  test("fields that are wrong are named at once and beside them, a wrong key is told from a provider that is away, and nothing is stored", async () => {
    const link = await world.link({ connector: "desk", tenant: "keys", baseUrl: undefined });
    await page.goto(link);
    await page.getByRole("button", { name: "Connect" }).click();
    await picture(page, "fields-empty");
    await page.getByLabel("Subdomain").fill("evil.example/");
    await page.getByLabel("API key").fill("short");
    await page.getByRole("button", { name: "Connect" }).click();
    expect(await page.title()).toMatch(/^Error: /);
    expect(await page.getByRole("alert").innerText()).toMatch(/2 fields/);
    expect(await page.getByLabel("Subdomain").getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByLabel("Subdomain").inputValue()).toBe("evil.example/");
    expect(await page.getByLabel("API key").inputValue()).toBe("");
    await picture(page, "fields-wrong");

    await page.goto(await world.link({ connector: "desk", tenant: "keys" }));
    await page.getByLabel("API key").fill("a-key-that-nobody-knows");
    await page.getByRole("button", { name: "Connect" }).click();
    expect(await page.getByRole("alert").innerText()).toMatch(/does not accept what you entered/);
    await picture(page, "key-wrong");
    world.desk.answers(503);
    await page.getByLabel("API key").fill(goodKey);
    await page.getByRole("button", { name: "Connect" }).click();
    expect(await page.getByRole("alert").innerText()).toMatch(/does not answer right now/);
    await picture(page, "provider-away");
    expect(world.catalog.ofTenant("keys")).toEqual([]);
    world.desk.answers(0);
    await page.getByLabel("API key").fill(` ${goodKey} `);
    await page.getByRole("button", { name: "Connect" }).click();
    const query = await queryOf();
    expect(query.get("status")).toBe("connected");
    const { rows } = await sql<{ row: string }>`select c::text as row from belay.credential c`.execute(database.db);
    expect(JSON.stringify(rows)).not.toContain(goodKey);
  });

  test("a link without a way back ends at a page that can be closed, and nothing on it leads elsewhere", async () => {
    await page.goto(await world.link({ connector: "desk", tenant: "by-hand", returnUrl: undefined }));
    expect(await page.getByRole("link").count()).toBe(0);
    await page.getByLabel("API key").fill(goodKey);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("heading", { name: /is connected$/ }).waitFor();
    expect(await page.getByText("You can close this page").isVisible()).toBe(true);
    expect([await page.getByRole("link").count(), new URL(page.url()).origin]).toEqual([0, world.url]);
  });

  test("a link that is over and one that never was look the same", async () => {
    const link = await world.link({ connector: "crm", tenant: "late" });
    await sql`update belay.connect_session set expires_at = belay.now() where tenant = 'late'`.execute(database.db);
    const over = await page.goto(link);
    const text = await page.content();
    await picture(page, "link-over");
    const never = await page.goto(`${world.url}/connect/${"x".repeat(43)}`);
    expect([over?.status(), never?.status(), await page.content()]).toEqual([404, 404, text]);
  });

  test("a state is good once, in the browser that left, and a made-up one leads nowhere", async () => {
    const link = await world.link({ connector: "crm", tenant: "replays" });
    await page.goto(link);
    const callback = page.waitForRequest(/\/connect\/callback\?/);
    await page.getByRole("button", { name: /Continue/ }).click();
    const address = (await callback).url();
    expect((await queryOf()).get("status")).toBe("connected");
    expect((await page.goto(address))?.status()).toBe(404);
    await picture(page, "state-replayed");
    expect((await page.goto(`${world.url}/connect/callback?code=x&state=made-up`))?.status()).toBe(404);

    const stolen = await world.link({ connector: "crm", tenant: "stolen" });
    await page.goto(stolen);
    await page.route(`${world.oauth.issuer}/**`, (route) => route.abort());
    const leaving = page.waitForRequest(`${world.oauth.issuer}/**`);
    await page.getByRole("button", { name: /Continue/ }).click();
    const other = await (await browser.newContext()).newPage();
    await other.goto(await world.oauth.agree((await leaving).url()));
    expect(await other.getByRole("alert").innerText()).toMatch(/could not match/);
    expect(world.catalog.ofTenant("stolen")).toEqual([]);
    await other.context().close();
  });

  test("reconnecting keeps the connection; another account has to be confirmed; what is given up is refused by the provider at once", async () => {
    await page.goto(await world.link({ connector: "crm", tenant: "again" }));
    await page.getByRole("button", { name: /Continue/ }).click();
    const id = (await queryOf()).get("connection") ?? "";
    const connection = world.catalog.connections.get(id)!;
    const before = (await world.connecting.credentials.reveal(connection))?.["accessToken"]?.reveal() ?? "";
    const asks = async (): Promise<number> =>
      (await fetch(`${world.oauth.issuer}/api/contacts`, { headers: { authorization: `Bearer ${before}` } })).status;
    expect(await asks()).toBe(200);
    expect(await disconnect(world.connecting.parts, connection, "admin")).toBe("revoked");
    expect(await asks()).toBe(401);
    expect(await disconnect(world.connecting.parts, connection, "admin")).toBe("none");

    const { parts } = world.connecting;
    const account = await sealAccount(parts.cipher, connection, { accountId: "user-0", accountName: "Old Books Ltd" });
    await database.db.transaction().execute((tx) => noteConnected(tx, world.catalog, connection, { actor: "admin", account }));
    await page.goto(await world.link({ connector: "crm", tenant: "again", connection: id }));
    expect(await headingOf(page)).toBe("Reconnect Northwind CRM");
    expect(await page.getByText("Old Books Ltd").isVisible()).toBe(true);
    await page.getByRole("button", { name: /Continue/ }).click();
    await page.getByRole("heading", { name: "This is another account" }).waitFor();
    await picture(page, "another-account");
    expect((await world.connecting.credentials.health([connection])).get(id)?.state).toBe("disconnected");
    await page.getByRole("button", { name: "Choose an account again" }).click();
    expect(await headingOf(page)).toBe("Reconnect Northwind CRM");
    await page.getByRole("button", { name: /Continue/ }).click();
    await page.getByRole("button", { name: /Use user-1/ }).click();
    expect((await queryOf()).get("connection")).toBe(id);
    expect((await world.connecting.credentials.health([connection])).get(id)?.state).toBe("expiring");
    expect(world.catalog.ofTenant("again")).toHaveLength(1);
  });

  test("the pages allow no script, no frame and no other place for forms, and the link goes to nobody else", async () => {
    const response = await page.goto(await world.link({ connector: "desk", tenant: "headers" }));
    const headers = response?.headers() ?? {};
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect([headers["referrer-policy"], headers["cache-control"], headers["x-content-type-options"]]).toEqual([
      "same-origin",
      "no-store",
      "nosniff",
    ]);
    await page.getByRole("link", { name: "Cancel and go back" }).click();
    expect((await queryOf()).get("status")).toBe("cancelled");
  });
});
