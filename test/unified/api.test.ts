import { Secret } from "@belay/sdk";
import { hubspot } from "@belay/connector-hubspot";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { type BelayClient, createBelayClient, type UnifiedRecords } from "@belay/sdk/client";
import { simulate, type Simulator } from "@belay/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";
import { type AddressBookServer, startAddressBook } from "../../connectors/carddav/__fixtures__/start-address-book.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const secret = new Secret("t");
const connections = ["acme-carddav", "acme-hubspot", "acme-stripe", "acme-zendesk"] as const;
const perProvider = 12;

type Contact = UnifiedRecords["crm/contact"];

describe("the unified API", () => {
  const simulators: Record<string, Simulator> = {};
  let book: AddressBookServer;
  let belay: Awaited<ReturnType<typeof startBelay>>;
  let client: BelayClient;

  beforeAll(async () => {
    const records = (resource: string) => ({ records: { [resource]: perProvider }, seed: 5 });
    simulators["HUBSPOT"] = await simulate(hubspot, { accounts: { acme: { token: secret } }, ...records("contact") });
    simulators["GLOBEX"] = await simulate(hubspot, { accounts: { acme: { token: secret } } });
    simulators["STRIPE"] = await simulate(stripe, { accounts: { acme: { token: secret } }, ...records("customer") });
    simulators["ZENDESK"] = await simulate(zendesk, { accounts: { acme: { username: secret, password: secret } } });
    for (const [name, simulator] of Object.entries(simulators)) process.env[`UNIFIED_${name}_URL`] = simulator.url("acme");
    for (let number = 0; number < perProvider; number += 1)
      await fetch(`${simulators["ZENDESK"].url("acme")}/api/v2/users`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa("t:t")}`, "content-type": "application/json" },
        body: JSON.stringify({ user: { name: `User ${number}`, email: `User.${number}@Example.COM` } }),
      });
    book = await startAddressBook();
    process.env["UNIFIED_CARDDAV_URL"] = book.url;
    for (let number = 0; number < perProvider; number += 1)
      book.put(`c${number}.vcf`, [`UID:c${number}`, `FN:Card ${number}`, `N:${number};Card;;;`, `EMAIL:Card.${number}@Example.COM`]);
    belay = await startBelay({
      config: new URL("./belay.config.ts", import.meta.url),
      database: { kind: "postgres", url: await freshPostgres() },
      masterKey: testMasterKey,
      adminToken,
      logger: createLogger("silent"),
    });
    client = createBelayClient({ url: belay.url, token: adminToken });
    await vi.waitFor(
      async () => {
        const syncs = await client.syncs({ tenant: "acme" });
        expect(syncs.map(({ records }) => records)).toEqual(connections.map(() => perProvider));
        expect(syncs.every(({ lastCompleteAt }) => lastCompleteAt !== null)).toBe(true);
      },
      { timeout: 60_000, interval: 100 },
    );
  });
  afterAll(async () => {
    await belay.close(1_000);
    for (const simulator of Object.values(simulators)) await simulator.close();
    await book[Symbol.asyncDispose]();
  });

  /** What a host application would write once, for all providers. */
  const contactsOf = async (connection: string, query: object = {}): Promise<Contact[]> => {
    const found: Contact[] = [];
    for await (const contact of client.unified("crm/contact", { tenant: "acme", connection, pageSize: 5, ...query })) found.push(contact);
    return found;
  };

  test("the same code reads the contacts of four connectors, page by page, each with its source", async () => {
    for (const connection of connections) {
      const contacts = await contactsOf(connection);
      expect(contacts).toHaveLength(perProvider);
      expect(new Set(contacts.map(({ id }) => id)).size).toBe(perProvider);
      const [shape] = contacts;
      for (const { data, source, stale, live, readAt, mapping } of contacts) {
        expect(Object.keys(data)).toEqual(Object.keys(shape?.data ?? {}));
        expect(source).toMatchObject({ connection, provider: connection.slice("acme-".length) });
        expect({ stale, live, mapping }).toEqual({ stale: false, live: false, mapping: "1" });
        expect(Date.parse(readAt ?? "")).toBeGreaterThan(Date.now() - 120_000);
      }
    }
    const all: Contact[] = [];
    for await (const contact of client.unified("crm/contact", { tenant: "acme", pageSize: 7 })) all.push(contact);
    expect(all).toHaveLength(connections.length * perProvider);
  });

  test("filters work alike for all of them", async () => {
    for (const connection of connections) {
      const [wanted] = (await contactsOf(connection)).filter(({ data }) => data.emails.length > 0);
      if (wanted === undefined) throw new Error(`${connection} must have a contact with an address`);
      const { externalId } = wanted.source;
      const email = wanted.data.emails[0]?.address ?? "";
      const ids = async (query: object): Promise<(string | undefined)[]> =>
        (await contactsOf(connection, query)).map(({ source }) => source.externalId);
      expect(await ids({ email: ` ${email.toUpperCase()} ` })).toContain(externalId);
      expect(await ids({ email: "nobody@example.org" })).toEqual([]);
      expect(await ids({ externalId })).toEqual([externalId]);
      expect(await ids({ updatedSince: new Date(Date.now() - 3_600_000) })).toHaveLength(perProvider);
      expect(await ids({ updatedSince: new Date(Date.now() + 3_600_000) })).toEqual([]);
    }
  });

  test("what is older than the caller's bound is marked, and what the provider says just now is not", async () => {
    await vi.waitFor(async () => expect((await contactsOf("acme-stripe", { maxAge: 0 })).every(({ stale }) => stale)).toBe(true), {
      timeout: 60_000,
    });
    for (const connection of connections) {
      const live = await contactsOf(connection, { live: true, pageSize: 4 });
      expect(live).toHaveLength(4);
      expect(live).toEqual(live.map((contact) => ({ ...contact, live: true, stale: false, ageSeconds: 0, id: null })));
    }
    const { unified: given } = await client.figures();
    expect(given.stale).toBeGreaterThanOrEqual(perProvider);
    expect(given.live).toBeGreaterThanOrEqual(4 * connections.length);
    expect(given.hitRate).toBeCloseTo(given.fresh / (given.fresh + given.stale));
    const [kept] = await contactsOf("acme-stripe");
    const [now] = await contactsOf("acme-stripe", { live: true, externalId: kept?.source.externalId });
    expect(now?.data).toEqual(kept?.data);
    expect(now?.source.url).toMatch(/^https:\/\/dashboard\.stripe\.com\//);
  });

  test("the same code writes to all of them, once per key, and gets the record back as the provider has it", async () => {
    for (const connection of connections) {
      const target = { tenant: "acme", connection, idempotencyKey: `create-${connection}` };
      const emails = [{ address: `grace@${connection}.example`, kind: "work" as const }];
      const named = connection === "acme-hubspot" ? { givenName: "Grace", familyName: "Hopper" } : { name: "Grace Hopper" };
      const made = await client.createUnified("crm/contact", target, { ...named, emails });
      expect(made).toMatchObject({ live: true, data: { name: "Grace Hopper", emails: [{ address: `grace@${connection}.example` }] } });
      expect(await client.createUnified("crm/contact", target, { ...named, emails })).toEqual(made);
      const before = (await contactsOf(connection, { live: true, pageSize: 500 })).length;
      expect(before).toBe(perProvider + 1);
      const { externalId: id } = made.source;
      const phones = [{ number: "+41446681800", kind: "work" as const }];
      const changed = await client.updateUnified("crm/contact", { ...target, id, idempotencyKey: `phone-${connection}` }, { phones });
      expect(changed.data).toMatchObject({ name: "Grace Hopper", phones: [{ number: "+41446681800" }] });
    }
  });

  test("what is asked live, and what it says, stands with the calls of the proxy", async () => {
    const made = await client.createUnified(
      "crm/contact",
      { tenant: "acme", connection: "acme-stripe", idempotencyKey: "told" },
      { name: "Told" },
    );
    const gone = { tenant: "acme", connection: "acme-stripe", id: "cus_nobody", idempotencyKey: "told-too" };
    await expect(client.updateUnified("crm/contact", gone, { name: "Nobody" })).rejects.toMatchObject({ code: expect.any(String) });
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${belay.url}/v1/proxied-calls?tenant=acme&connection=acme-stripe`, {
          headers: { authorization: `Bearer ${adminToken}` },
        });
        const { items } = (await answer.json()) as { items: { code: string | null; actor: string; exchanges: { path: string }[] }[] };
        const failed = items.find(({ exchanges }) => exchanges.some(({ path }) => path.includes("cus_nobody")));
        expect(failed).toMatchObject({ actor: "admin", code: expect.stringMatching(/^(UNIFIED|API)_/) });
        expect(JSON.stringify(items)).not.toContain(adminToken);
      },
      { timeout: 60_000, interval: 200 },
    );
    expect(made.source.externalId).toMatch(/^cus_/);
  });

  test("a paused connection is not called, and what is kept of it can be read", async () => {
    const pause = { scope: "connection", id: "acme-zendesk", tenant: "acme" } as const;
    await client.pause({ ...pause, why: "they asked us to" });
    await vi.waitFor(
      async () => await expect(contactsOf("acme-zendesk", { live: true })).rejects.toMatchObject({ code: "TRAFFIC_PAUSED" }),
      { timeout: 60_000, interval: 100 },
    );
    expect(await contactsOf("acme-zendesk")).not.toHaveLength(0);
    await client.resume(pause);
    await vi.waitFor(async () => expect(await contactsOf("acme-zendesk", { live: true, pageSize: 2 })).toHaveLength(2), {
      timeout: 60_000,
      interval: 100,
    });
  });

  test("what a tenant says of its mapping holds for what is asked live as well", async () => {
    const [first] = await contactsOf("acme-stripe", { live: true, pageSize: 1 });
    const { externalId } = first!.source;
    expect(first!.data).not.toMatchObject({ custom: { from: externalId } });
    await client.setSyncSettings("stripe-contacts", "acme", { custom: { from: "id" } });
    const [after] = await contactsOf("acme-stripe", { live: true, externalId });
    expect(after!.data).toMatchObject({ custom: { from: externalId } });
  });

  test("a field that is wrong, or that the provider does not take, is refused by name", async () => {
    const create = (connection: string, data: object) =>
      client.createUnified("crm/contact", { tenant: "acme", connection, idempotencyKey: `wrong-${JSON.stringify(data)}` }, data);
    await expect(create("acme-stripe", { familyName: "Hopper" })).rejects.toMatchObject({
      code: "UNIFIED_FIELD_REFUSED",
      message: expect.stringContaining("Contact.familyName"),
    });
    await expect(create("acme-hubspot", { givenName: "Grace" })).rejects.toMatchObject({ code: "UNIFIED_FIELD_REFUSED" });
    await expect(create("acme-zendesk", { emails: [{ address: 7 }] })).rejects.toMatchObject({
      code: "API_REQUEST_INVALID",
      message: expect.stringContaining("emails"),
    });
    await expect(create("acme-zendesk", { nickname: "Amazing Grace" })).rejects.toMatchObject({
      message: expect.stringContaining("nickname"),
    });
    const [work, home] = ["work", "home"].map((kind) => ({ address: `grace.${kind}@example.com`, kind }));
    await expect(create("acme-stripe", { name: "Grace", emails: [work, work, home] })).rejects.toMatchObject({
      code: "UNIFIED_FIELD_REFUSED",
      message: expect.stringContaining("Contact.emails.2"),
    });
    // A card has room for any number, and what is there twice is nothing that would be lost.
    expect((await create("acme-carddav", { name: "Grace", emails: [work, home] })).data.emails).toHaveLength(2);
    expect((await create("acme-stripe", { name: "Grace", emails: [work, work] })).data.emails).toHaveLength(1);
    const orders = client.unified("commerce/order", { tenant: "acme", connection: "acme-zendesk" });
    await expect(orders[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "UNIFIED_NOT_COVERED" });
  });

  test("a tenant reaches nothing of another's", async () => {
    for (const live of [true, false]) await expect(contactsOf("globex-hubspot", { live })).rejects.toMatchObject({ code: "API_NOT_FOUND" });
    const write = { tenant: "acme", connection: "globex-hubspot", idempotencyKey: "k" };
    await expect(client.createUnified("crm/contact", write, { givenName: "Mallory" })).rejects.toMatchObject({ code: "API_NOT_FOUND" });
    expect(simulators["GLOBEX"]?.records("contact")).toEqual([]);
  });
});
