import { defineConnector, defineFlow } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { collect, drive, token } from "./__fixtures__/drive.ts";
import { simulate } from "./index.ts";

/* The same contract in three schema libraries, each known by Standard Schema alone. */

const zodLike = {
  record: z.object({ id: z.number(), name: z.string(), note: z.string().nullish() }),
  input: z.object({ name: z.string().min(1), note: z.string().optional() }),
  event: z.object({ id: z.string(), what: z.literal("made") }),
};
const valibotLike = {
  record: v.object({ id: v.number(), name: v.string(), note: v.nullish(v.string()) }),
  input: v.object({ name: v.pipe(v.string(), v.minLength(1)), note: v.optional(v.string()) }),
  event: v.object({ id: v.string(), what: v.literal("made") }),
};
const arktypeLike = {
  record: type({ id: "number", name: "string", "note?": "string | null" }),
  input: type({ name: "string > 0", "note?": "string" }),
  event: type({ id: "string", what: "'made'" }),
};

const shared = { title: "Things", baseUrl: "https://things.example", auth: { kind: "bearer" } } as const;
const webhooks = {
  scheme: hmacSignature({ header: "x-signature" }),
  maxBytes: 1_000,
  id: { body: "id", signed: true },
  type: { body: "what" },
} as const;
const thing = { path: "/things", id: "id", get: {}, list: { paging: { kind: "none" } } } as const;
const safety = { kind: "natural" } as const;

const byZod = defineConnector({
  ...shared,
  id: "zod",
  resources: { thing: { ...thing, schema: zodLike.record, create: { input: zodLike.input, safety } } },
  webhooks: { ...webhooks, events: { made: zodLike.event } },
});
const byValibot = defineConnector({
  ...shared,
  id: "valibot",
  resources: { thing: { ...thing, schema: valibotLike.record, create: { input: valibotLike.input, safety } } },
  webhooks: { ...webhooks, events: { made: valibotLike.event } },
});
const byArktype = defineConnector({
  ...shared,
  id: "arktype",
  resources: { thing: { ...thing, schema: arktypeLike.record, create: { input: arktypeLike.input, safety } } },
  webhooks: { ...webhooks, events: { made: arktypeLike.event } },
});

describe.each([byZod, byValibot, byArktype])("resources by $id", (connector) => {
  test("are written, read, listed and checked in both directions", async () => {
    const simulator = await simulate(connector, { accounts: { acme: { token } }, listen: false });
    const client = drive(connector as typeof byZod, simulator);
    const made = await client.thing.create({ name: "One", note: "n" });
    expect(await client.thing.get(made.id)).toEqual({ id: made.id, name: "One", note: "n" });
    expect(await collect(client.thing.list())).toHaveLength(1);
    await expect(client.thing.create({ name: "" })).rejects.toMatchObject({ code: "CLIENT_INPUT_INVALID", details: { paths: ["name"] } });
    simulator.addFault({ method: "GET", path: "/things/7", fault: { kind: "reply", status: 200, text: '{"id":"x","name":1}' } });
    const [drifted] = await Promise.allSettled([client.thing.get(7)]);
    expect(drifted).toMatchObject({ reason: { code: "CLIENT_RESPONSE_INVALID", details: { paths: ["id", "name"] } } });
  });
});

test("events and clients have the types of their schemas, whichever library made them", () => {
  interface Event {
    id: string;
    what: "made";
  }
  const flows = [
    defineFlow({
      id: "z",
      on: byZod.events.made,
      to: byZod,
      run: async ({ event }) => void expectTypeOf(event).toEqualTypeOf<Event>(),
    }),
    defineFlow({
      id: "v",
      on: byValibot.events.made,
      to: byZod,
      run: async ({ event }) => void expectTypeOf(event).toEqualTypeOf<Event>(),
    }),
    defineFlow({
      id: "a",
      on: byArktype.events.made,
      to: byZod,
      run: async ({ event }) => void expectTypeOf(event).toEqualTypeOf<Event>(),
    }),
  ];
  expect(flows.map(({ id }) => id)).toEqual(["z", "v", "a"]);
  interface Input {
    name: string;
    note?: string | undefined;
  }
  const read = async (simulator: never): Promise<void> => {
    expectTypeOf(drive(byZod, simulator).thing.create).parameter(0).toExtend<Input>();
    expectTypeOf(drive(byValibot, simulator).thing.create).parameter(0).toExtend<Input>();
    expectTypeOf(drive(byArktype, simulator).thing.create).parameter(0).toExtend<Input>();
    // @ts-expect-error a record may have no note
    void (await drive(byValibot, simulator).thing.create({ name: "" })).note.length;
    // @ts-expect-error a record may have no note
    void (await drive(byArktype, simulator).thing.create({ name: "" })).note.length;
  };
  expectTypeOf(read).toBeFunction();
});
