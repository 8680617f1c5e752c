import { expectTypeOf, test } from "vitest";
import type { desk } from "../__fixtures__/desk.ts";
import type { Client } from "../../connector/client-types.ts";
import { createClient } from "./create-client.ts";

type Desk = Client<typeof desk>;

test("the client of a connector is what createClient gives", () => {
  expectTypeOf(createClient<typeof desk>).returns.toEqualTypeOf<Desk>();
});

test("inputs and answers have the types of their schemas", () => {
  expectTypeOf<Parameters<Desk["ticket"]["create"]>>().toEqualTypeOf<[input: { subject: string; externalId?: string | undefined }]>();
  expectTypeOf<Awaited<ReturnType<Desk["ticket"]["create"]>>>().toHaveProperty("subject").toEqualTypeOf<string>();
  expectTypeOf<Awaited<ReturnType<Desk["contact"]["get"]>>>().exclude<undefined>().toHaveProperty("properties");
  expectTypeOf<Parameters<Desk["contact"]["find"]>>().toEqualTypeOf<[by: { email: string | number }]>();
});

test("what the connector does not declare does not compile", () => {
  // Only checked by the compiler, never run.
  const misuse = async (client: Desk): Promise<void> => {
    // @ts-expect-error a field with a typing error
    await client.ticket.create({ subjekt: "Broken" });
    // @ts-expect-error a field of the wrong type
    await client.ticket.create({ subject: 7 });
    // @ts-expect-error a resource that is not declared
    void client.tickets;
    // @ts-expect-error an operation that is not declared
    void client.charge.update;
    // @ts-expect-error a field that cannot be found by
    await client.contact.find({ name: "Ann" });
    // @ts-expect-error an answer may be none
    void (await client.ticket.get(1)).subject;
  };
  expectTypeOf(misuse).toBeFunction();
});
