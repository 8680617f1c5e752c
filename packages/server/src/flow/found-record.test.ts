import type { Resource } from "@belay/sdk";
import { currentOperation, runInOperation } from "@belay/sdk/http";
import type { LinkState } from "@belay/sdk/two-way";
import { expect, test } from "vitest";
import type { WriteReport, WriteRequest } from "../two-way/index.ts";
import { creationOf, people, type Person, person, twoWay } from "./__fixtures__/two-way-people.ts";
import { runWrite, type WriteParts } from "./run-write.ts";

const resource = {
  ...people,
  find: { by: ["phone"], style: { kind: "query" } },
  create: { input: person.partial(), safety: { kind: "readBack", readBack: { by: "phone" } } },
} as const satisfies Resource;

const ada: Person = { name: "Ada", phone: "1" };

/** The second attempt of a message that creates: the provider is asked first, and has `there`. @returns what was written, and what was reported in the end. */
const createWhere = async (there: Person | undefined, creation: WriteRequest["creation"]) => {
  const sent: unknown[] = [];
  const reports: WriteReport[] = [];
  let b = there;
  const context = { key: "k", suspect: true, leaseCheck: () => {}, signal: new AbortController().signal, deadlineAt: Infinity };
  const take = (fields: object): object => {
    currentOperation()?.beforeWrite();
    sent.push(fields);
    b = { ...ada, ...b, ...fields };
    return { id: "b1", ...b };
  };
  const parts: WriteParts = {
    twoWay,
    resource,
    tenant: "acme",
    connection: "acme-right",
    triedForMs: 0,
    // As a client does it whose write is suspect.
    openCalls: () => ({
      create: async (fields) => (b === undefined ? take(Object(fields)) : { id: "b1", ...b }),
      update: async (_id, fields) => take(Object(fields)),
    }),
    enter: (code) => code(),
    step: async (_name, work) => await runInOperation(context, work),
    isDone: () => false,
    tell: async (report) => {
      reports.push(report);
      return { kind: "kept" };
    },
  };
  await runWrite(creationOf(ada, creation), parts);
  const last = reports.at(-1);
  const state = last?.kind === "merged" ? (JSON.parse(last.state) as LinkState) : undefined;
  return { sent, b, tellsOther: last?.kind === "merged" && last.tellsOther, base: state?.base };
};

test("what is found where nothing was ever sent is somebody else's, and is merged", async () => {
  const { sent, b, base } = await createWhere({ name: "Ada Lovelace", phone: "1" }, "looked");
  expect(base).toEqual(ada);
  expect(b).toEqual(ada);
  expect(sent).toEqual([{ name: "Ada" }]);
});

test("what is found after a create that may have arrived is what the provider has made of it", async () => {
  const { sent, b, base, tellsOther } = await createWhere({ name: "ADA", phone: "1" }, "sent");
  expect(sent).toEqual([]);
  expect(b).toEqual({ name: "ADA", phone: "1" });
  expect(base).toEqual(ada);
  expect(tellsOther).toBe(false);
});

test("what is not found is created", async () => {
  const { sent, b } = await createWhere(undefined, "looked");
  expect(sent).toEqual([ada]);
  expect(b).toEqual(ada);
});
