import { Secret } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget, createNetwork, systemClock } from "@belay/sdk/http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AddressBookServer, startAddressBook } from "./__fixtures__/start-address-book.ts";
import { carddav } from "./index.ts";

const network = createNetwork();
let server: AddressBookServer;
beforeAll(async () => {
  server = await startAddressBook();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await network[Symbol.asyncDispose]();
});
beforeEach(() => {
  for (const name of server.cards.keys()) server.delete(name);
});

const open = () =>
  createClient(
    carddav,
    {
      id: "book",
      tenant: "acme",
      connector: "carddav",
      baseUrl: server.url,
      credential: { username: new Secret("ada"), password: new Secret("p") },
    },
    { network, clock: systemClock, random: Math.random, breaker: createMemoryBreaker(), budget: createMemoryBudget() },
  ).contact;

const lines = (uid: string, name: string): readonly string[] => [`UID:${uid}`, `FN:${name}`, `N:;${name};;;`];

describe("a client of an address book", () => {
  it("reads all cards, once each, and a card by its name", async () => {
    for (const name of ["a", "b", "c d"]) server.put(`${name}.vcf`, lines(name, `Person ${name}`));
    const listed: string[] = [];
    for await (const { id } of open().list()) listed.push(id);
    expect(listed.toSorted()).toEqual(["a.vcf", "b.vcf", "c d.vcf"]);
    expect(await open().get("c d.vcf")).toMatchObject({ fullName: "Person c d", etag: expect.stringMatching(/^"v\d+"$/) });
    expect(await open().get("nobody.vcf")).toBeUndefined();
  });

  it("creates a card under a free name only", async () => {
    const made = await open().create({ id: "ada.vcf", fullName: "Ada Lovelace", note: "one, two; three\nfour" });
    expect(made.etag).toBe(`"v${server.cards.get("ada.vcf")?.version}"`);
    expect(server.cards.get("ada.vcf")?.text).toContain("FN:Ada Lovelace");
    expect((await open().get("ada.vcf"))?.note).toBe("one, two; three\nfour");
    await expect(open().create({ id: "ada.vcf", fullName: "Another" })).rejects.toMatchObject({ code: "CARDDAV_CONTACT_CHANGED" });
  });

  it("changes what it is told to, and leaves in the card what no contract knows", async () => {
    server.put("ada.vcf", [...lines("ada", "Ada"), "X-OWN;X-P=1:kept", "item1.TEL:+41446681800", "item1.X-ABLabel:Bureau"]);
    await open().update("ada.vcf", { jobTitle: "Programmer" });
    const card = server.cards.get("ada.vcf")?.text.toUpperCase() ?? "";
    for (const line of ["TITLE:PROGRAMMER", "X-OWN;X-P=1:KEPT", "ITEM1.TEL", "ITEM1.X-ABLABEL:BUREAU"]) expect(card).toContain(line);
  });

  it("does not overwrite a state that it has not seen", async () => {
    server.put("ada.vcf", lines("ada", "Ada"));
    const { etag } = (await open().get("ada.vcf")) ?? { etag: "" };
    server.put("ada.vcf", [...lines("ada", "Ada"), "NOTE:of somebody else"]);
    await expect(open().update("ada.vcf", { jobTitle: "Countess", etag })).rejects.toMatchObject({ code: "CARDDAV_CONTACT_CHANGED" });
    await Promise.all([open().update("ada.vcf", { organisation: "A" }), open().update("ada.vcf", { jobTitle: "B" })]);
    expect(await open().get("ada.vcf")).toMatchObject({ note: "of somebody else", organisation: "A", jobTitle: "B" });
  });

  it("changes a card also where something before the server has made its entity tag a weak one", async () => {
    server.put("ada.vcf", lines("ada", "Ada"));
    server.weakenTags(true);
    try {
      expect(await open().update("ada.vcf", { jobTitle: "Programmer" })).toMatchObject({ jobTitle: "Programmer" });
      const { etag } = (await open().get("ada.vcf")) ?? { etag: "" };
      expect(await open().update("ada.vcf", { note: "x", etag })).toMatchObject({ note: "x" });
    } finally {
      server.weakenTags(false);
    }
  });

  it("deletes, and is content with what is gone already", async () => {
    server.put("ada.vcf", lines("ada", "Ada"));
    await open().delete("ada.vcf");
    await open().delete("ada.vcf");
    expect(server.cards.size).toBe(0);
  });
});
