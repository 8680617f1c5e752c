import { validate } from "@belay/sdk";
import type { AnyConnector } from "@belay/sdk";
import { carddav } from "@belay/connector-carddav";
import { hubspot } from "@belay/connector-hubspot";
import { parse } from "@belay/connector-parse";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { unified } from "@belay/sdk/models";
import type { Contact, UnifiedMapping } from "@belay/sdk/models";
import { expect, it } from "vitest";
import { people } from "./people.ts";
import type { Person } from "./people.ts";
import { asCarddav, asHubspot, asParse, asStripe, asZendesk } from "./provider-records.ts";

const providers: readonly (readonly [AnyConnector, (person: Person, index: number) => object])[] = [
  [hubspot, asHubspot],
  [stripe, asStripe],
  [zendesk, asZendesk],
  [parse, asParse],
  [carddav, asCarddav],
];

function mappingOf({ mappings }: AnyConnector): UnifiedMapping {
  const found = mappings?.find(({ model }) => model.model === "contact");
  if (found === undefined) throw new Error("The connector must have a mapping to contacts.");
  return found;
}

async function contactsOf(connector: AnyConnector, write: (person: Person, index: number) => object): Promise<Contact[]> {
  const mapping = mappingOf(connector);
  const { schema } = connector.resources[mapping.resource] ?? {};
  if (schema === undefined) throw new Error("The mapping must be of a resource.");
  return await Promise.all(
    people.map(async (person, index) => {
      const record = await validate(schema, write(person, index));
      if ("issues" in record) throw new Error(JSON.stringify(record.issues));
      const contact = await validate(unified.contact.schema, mapping(record.value as never, {}));
      if ("issues" in contact) throw new Error(JSON.stringify(contact.issues));
      return contact.value;
    }),
  );
}

it("fifty contacts that five providers write in their own ways are equal in all that the five can say", async () => {
  expect(people).toHaveLength(50);
  const shared = providers
    .map(([connector]) => Object.keys(mappingOf(connector).lineage))
    .reduce((all, own) => all.filter((name) => own.includes(name)));
  expect(shared.toSorted()).toEqual(["emails", "name", "phones"]);
  const written = await Promise.all(
    providers.map(async ([connector, write]) =>
      (await contactsOf(connector, write)).map((contact) =>
        JSON.stringify(Object.fromEntries([...shared, "unread"].map((name) => [name, Reflect.get(contact, name)]))),
      ),
    ),
  );
  const [fromHubspot = [], ...fromOthers] = written;
  expect(fromOthers).toHaveLength(4);
  for (const from of fromOthers) expect(from).toEqual(fromHubspot);
  expect(new Set(fromHubspot).size).toBe(50);
  for (const [index, text] of fromHubspot.entries()) {
    const { given, family, box, phone } = people[index] ?? expect.fail("there are fifty");
    expect(JSON.parse(text)).toMatchObject({
      name: `${given} ${family}`.normalize("NFC"),
      emails: [{ address: expect.stringMatching(/^\d\.\d\+belay@[a-z0-9.-]+$/) }],
      phones: [{ number: phone }],
      unread: [],
    });
    expect(text).toContain(`${box}@`);
  }
});

it("tells of all who tell it when a contact was made, whatever time zone and precision they write", async () => {
  const telling = providers.filter(([connector]) => "createdAt" in mappingOf(connector).lineage);
  expect(telling.map(([{ id }]) => id)).toEqual(["hubspot", "stripe", "zendesk", "parse"]);
  for (const [connector, write] of telling)
    expect(new Set((await contactsOf(connector, write)).map(({ createdAt }) => createdAt))).toEqual(new Set(["2026-03-01T12:00:00.000Z"]));
});

it("recognises the same person at all five by the same keys", async () => {
  const keys = await Promise.all(
    providers.map(async ([connector, write]) => (await contactsOf(connector, write)).map((contact) => unified.contact.matchOn(contact))),
  );
  for (const others of keys.slice(1)) expect(others).toEqual(keys[0]);
  expect(keys[0]?.[0]).toEqual([
    { kind: "email", value: "0.0+belay@acme.example" },
    { kind: "phone", value: "+41446681810" },
  ]);
});
