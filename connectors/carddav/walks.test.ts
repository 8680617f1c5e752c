import { defineSync, Secret } from "@belay/sdk";
import { createMemoryBreaker, createMemoryBudget, createNetwork, openPageReader, systemClock } from "@belay/sdk/http";
import { unified } from "@belay/sdk/models";
import { mapRecord } from "@belay/sdk/sync";
import { openSource } from "@belay/sdk/walk";
import { afterAll, beforeAll, expect, test } from "vitest";
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

const people = defineSync({ id: "people", source: carddav.contact, target: unified.contact });

/** What the first walk of a sync takes of each card; the address book comes in one answer. */
async function firstWalk(): Promise<Record<string, string>> {
  const credential = { username: new Secret("ada"), password: new Secret("p") };
  const connection = { id: "book", tenant: "acme", connector: "carddav", baseUrl: server.url, credential };
  const ports = { network, clock: systemClock, random: Math.random, breaker: createMemoryBreaker(), budget: createMemoryBudget() };
  const { contact } = carddav.resources;
  const reader = openPageReader(carddav, connection, ports, { resource: "contact" });
  const source = openSource(contact, { kind: "first" });
  const state = source.begin();
  const { listing, plan, request } = source.ask(state);
  const taken = source.take(state, await reader.read(plan, request, listing));
  if (taken.kind !== "end" || taken.proof === undefined) throw new Error(JSON.stringify(taken));
  const found: Record<string, string> = {};
  for (const entry of taken.entries) {
    if (entry.kind === "deleted") continue;
    const record = await mapRecord(
      { sync: people, id: contact.id },
      { tenant: "acme", connection: "book", settings: {} as never },
      entry.record,
    );
    found[record.externalId ?? ""] = record.kind === "trouble" ? record.code : record.kind;
  }
  return found;
}

test("a card that cannot be read is a trouble of its own, and neither missing nor in the way of the others", async () => {
  for (const name of ["ada", "bob", "eve"]) server.put(`${name}.vcf`, [`UID:${name}`, `FN:${name}`, `N:;${name};;;`]);
  server.putText("old.vcf", "BEGIN:VCARD\r\nVERSION:2.1\r\nN:Lovelace;Ada\r\nEND:VCARD\r\n");
  server.putText("cut.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cut o");
  // What a walk through everything does not see is deleted: a card that the server names is there, whatever it can say of it.
  server.withhold("eve.vcf");
  const trouble = "SYNC_SOURCE_INVALID";
  expect(await firstWalk()).toEqual({
    "ada.vcf": "mapped",
    "bob.vcf": "mapped",
    "old.vcf": trouble,
    "cut.vcf": trouble,
    "eve.vcf": trouble,
  });
});
