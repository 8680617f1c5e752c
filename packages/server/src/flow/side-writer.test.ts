import { defineConnector, defineSync, defineTwoWay } from "@belay/sdk";
import { type ClientPorts, createMemoryBreaker, createMemoryBudget, createNetwork, systemClock } from "@belay/sdk/http";
import { standardRules } from "@belay/sdk/identity";
import { type Contact, defineMapping, unified } from "@belay/sdk/models";
import { expect, test } from "vitest";
import { z } from "zod";
import { isNotCreated } from "./create-outcome.ts";
import { openSideCalls } from "./open-side-calls.ts";
import { openSideWriter, type SideWriter } from "./side-writer.ts";

const person = {
  path: "/people",
  id: "id",
  schema: z.object({ id: z.string(), full: z.string(), mail: z.string() }),
  create: { input: z.object({ full: z.string(), mail: z.string().min(3) }), safety: { kind: "once" } },
  update: { input: z.object({ full: z.string(), mail: z.string().min(3) }).partial(), method: "PATCH", safety: { kind: "natural" } },
} as const;

const toContact = defineMapping(
  person,
  unified.contact,
)({
  resource: "person",
  version: "1",
  fields: {
    name: { from: "full", write: (name) => ({ full: name ?? "" }) },
    emails: { from: "mail", read: ({ mail }) => [mail], write: ([first]) => ({ mail: first?.address }) },
  },
});

function connectorOf<const Id extends string>(id: Id) {
  return defineConnector({
    id,
    title: id,
    baseUrl: `https://${id}.example`,
    auth: { kind: "bearer" },
    resources: { person },
    mappings: [toContact],
  });
}

const crm = connectorOf("crm");
const book = connectorOf("book");
const syncOf = (id: string, source: typeof crm.person) => defineSync({ id, source, target: unified.contact, identity: standardRules });
const sides = { a: { sync: syncOf("customers", crm.person) }, b: { sync: syncOf("entries", book.person) } };

function openPorts(): ClientPorts & AsyncDisposable {
  const network = createNetwork();
  return {
    clock: systemClock,
    random: () => 0.5,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
    network,
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}

/** Nothing is sent: what does not fit is refused before. */
const writerOf = (b: object, ports: ClientPorts): SideWriter => {
  const twoWay = defineTwoWay<Contact>({ id: "people", a: sides.a, b: { ...sides.b, ...b }, conflict: "a" });
  const connection = { id: "acme-book", tenant: "acme", connector: "book" };
  return openSideWriter({
    twoWay,
    side: "b",
    resource: person,
    calls: openSideCalls(book, connection, twoWay.b.sync, ports, undefined),
    tenant: "acme",
    connection: connection.id,
    settings: {},
    enter: (code) => code(),
  });
};

test("a field that a side needs and the record has not is refused by the two-way sync, the side and the model's field", async () => {
  await using ports = openPorts();
  const creating = writerOf({}, ports).create({ name: "Ada", emails: [] }, "rec_1");
  await expect(creating).rejects.toMatchObject({
    code: "TWO_WAY_FIELD_REFUSED",
    message: expect.stringMatching(/^Two-way sync "people", side b, (mail|emails): book\.person\.create, mail: /),
  });
  // Nothing was sent, so that the next attempt need not look for it.
  expect(isNotCreated(await creating.catch((error: unknown) => error))).toBe(true);
});

test("a value that a side does not take is refused alike, in an update and from code of one's own", async () => {
  await using ports = openPorts();
  const emails = [{ address: "a", kind: "work" }];
  const update = { kind: "update", data: { emails }, changes: ["emails"] } as const;
  await expect(writerOf({}, ports).update("1", update, { record: "rec_1", raw: undefined })).rejects.toMatchObject({
    code: "TWO_WAY_FIELD_REFUSED",
    message: expect.stringMatching(/^Two-way sync "people", side b, emails: book\.person\.update, mail: /),
    details: { paths: ["emails"] },
  });
  const own = { write: () => ({ mail: "a" }) };
  await expect(writerOf(own, ports).update("1", update, { record: "rec_1", raw: undefined })).rejects.toMatchObject({
    code: "TWO_WAY_FIELD_REFUSED",
    details: { paths: ["mail"] },
  });
});
