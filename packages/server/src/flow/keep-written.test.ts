import { BelayError, defineSync, defineTwoWay, type Resource } from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import type { LinkState, SideState } from "@belay/sdk/two-way";
import { expect, test } from "vitest";
import { z } from "zod";
import type { MergedReport, SideRecord, WriteRequest } from "../two-way/index.ts";
import { runWrite, type WriteParts } from "./run-write.ts";

const person = z.object({ note: z.string(), phone: z.string() });
type Person = z.infer<typeof person>;

const resource = {
  path: "/people",
  id: "id",
  schema: z.object({ id: z.string(), ...person.shape }),
  get: {},
  update: { input: person.partial(), method: "PATCH", safety: { kind: "natural" } },
} as const satisfies Resource;

const syncOf = (id: string) =>
  defineSync({
    id,
    source: { connector: id, resource: "person", schema: resource.schema },
    target: { model: "person", schema: person },
    identity: standardRules,
    map: ({ note, phone }) => ({ note, phone }),
  });

const write = (fields: Partial<Person>): Partial<Person> => fields;
// Whoever did not know of side a's change loses.
const twoWay = defineTwoWay<Person>({
  id: "people",
  a: { sync: syncOf("left"), write },
  b: { sync: syncOf("right"), write },
  conflict: "a",
});

const before: Person = { note: "old", phone: "1" };
const sideState: SideState = { seen: before, told: before, version: null };
const agreed: LinkState = { base: before, a: sideState, b: sideState, held: [] };
const recordOf = (id: string, data: Person, position: number): SideRecord => ({
  externalId: id,
  data: JSON.stringify(data),
  version: null,
  raw: JSON.stringify({ id, ...data }),
  sync: null,
  position,
});
const requestOf = (changes: Partial<WriteRequest> = {}): WriteRequest => ({
  record: "rec_1",
  side: "b",
  state: JSON.stringify(agreed),
  a: recordOf("a1", { ...before, note: "new" }, 3),
  b: recordOf("b1", before, 2),
  decided: "{}",
  creation: null,
  code: null,
  revision: 1,
  doubts: [],
  settings: "{}",
  ...changes,
});

/** One attempt of a message. `again`: what it is given when it reports for the nth time; undefined: that was kept. */
const attempt = async (request: WriteRequest, again: (count: number) => WriteRequest | undefined, get?: () => Promise<unknown>) => {
  const sent: unknown[] = [];
  const reports: MergedReport[] = [];
  let kept: MergedReport | undefined;
  let b = { id: "b1", ...(JSON.parse(request.b?.data ?? "{}") as Person) };
  const parts: WriteParts = {
    twoWay,
    resource,
    tenant: "acme",
    connection: "acme-right",
    suspect: false,
    openCalls: () => ({
      get: async () => (sent.length > 0 && get !== undefined ? await get() : b),
      update: async (_id, input) => {
        sent.push(input);
        return (b = { ...b, ...(input as Partial<Person>) });
      },
    }),
    enter: (code) => code(),
    step: async (_name, work) => await work(),
    isDone: () => false,
    tell: async (report) => {
      if (report.kind !== "merged") throw new TypeError("Nothing is created here.");
      reports.push(report);
      const next = again(reports.length);
      if (next !== undefined) return { kind: "again", request: next };
      kept = report;
      return { kind: "kept" };
    },
  };
  const error = await runWrite(request, parts).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { sent, kept, error };
};

/** What the next attempt makes of a change of the written value, which somebody has made at side b since. */
const afterTheirs = async (kept: MergedReport | undefined) => {
  const state = kept?.state ?? JSON.stringify(agreed);
  return await attempt(requestOf({ state, b: recordOf("b1", { ...before, note: "theirs" }, 9), revision: 20 }), () => undefined);
};

const others = (count: number): WriteRequest => requestOf({ revision: 1 + count });

test("what a merge has written that others kept from its end is known to the next attempt, and what was made knowing it holds", async () => {
  const { sent, kept, error } = await attempt(requestOf(), (count) => (count < 8 ? others(count) : undefined));
  expect(error).toMatchObject({ code: "TWO_WAY_CONTENDED" });
  expect(sent).toEqual([{ note: "new" }]);
  expect(kept).toMatchObject({ wrote: { kind: "mapped", externalId: "b1" }, unfinished: false });
  const next = await afterTheirs(kept);
  expect([next.sent, next.kept?.tellsOther]).toEqual([[], true]);
  expect(JSON.parse(next.kept!.state)).toMatchObject({ base: { note: "theirs" }, held: [] });
});

test("what is left to write when a merge gives up is the next attempt's", async () => {
  const later = (count: number): WriteRequest =>
    requestOf({ revision: 1 + count, a: recordOf("a1", { note: `${count}`, phone: "1" }, 3 + count) });
  const { sent, kept } = await attempt(requestOf(), (count) => (count < 6 ? later(count) : undefined));
  expect(kept).toMatchObject({ unfinished: true });
  const state = JSON.parse(kept!.state) as LinkState;
  expect([state.base, state.b?.told["note"]]).toEqual([{ note: "5", phone: "1" }, Object(sent.at(-1))["note"]]);
});

test("what a merge has written that fails afterwards is kept, and it fails by its own error", async () => {
  const moved = requestOf({ revision: 2, b: recordOf("b1", { note: "old", phone: "5" }, 4) });
  const unreachable = async (): Promise<never> => {
    throw new BelayError("HTTP_STATUS", "It is not there just now.", { retry: "backoff" });
  };
  const { error, kept } = await attempt(requestOf(), (count) => (count === 1 ? moved : undefined), unreachable);
  expect(error).toMatchObject({ code: "HTTP_STATUS" });
  expect(JSON.parse(kept!.state)).toMatchObject({ base: { note: "new", phone: "5" }, b: { seen: { note: "new" }, told: { note: "new" } } });
  expect(JSON.parse((await afterTheirs(kept)).kept!.state)).toMatchObject({ base: { note: "theirs" } });
});

test("where nothing was written, nothing is told by a merge that gives up", async () => {
  const request = requestOf({ a: recordOf("a1", before, 3), b: recordOf("b1", { ...before, note: "theirs" }, 4) });
  let reports = 0;
  const { error } = await attempt(request, (count) => {
    reports = count;
    return { ...request, revision: 1 + count };
  });
  expect(error).toMatchObject({ code: "TWO_WAY_CONTENDED" });
  expect(reports).toBe(6);
});
