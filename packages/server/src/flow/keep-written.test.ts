import { BelayError, type Resource } from "@belay/sdk";
import type { LinkState } from "@belay/sdk/two-way";
import { expect, test } from "vitest";
import type { MergedReport, WriteRequest } from "../two-way/index.ts";
import { agreed, before, people, type Person, recordOf, requestOf, twoWay } from "./__fixtures__/two-way-people.ts";
import { runWrite, type WriteParts } from "./run-write.ts";

const resource = { ...people, get: {} } as const satisfies Resource;
/** What side a has made of it. */
const ours: Person = { ...before, name: "new" };

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
    triedForMs: undefined,
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
  return await attempt(requestOf(ours, { state, b: recordOf("b1", { ...before, name: "theirs" }, 9), revision: 20 }), () => undefined);
};

const others = (count: number): WriteRequest => requestOf(ours, { revision: 1 + count });

test("what a merge has written that others kept from its end is known to the next attempt, and what was made knowing it holds", async () => {
  const { sent, kept, error } = await attempt(requestOf(ours), (count) => (count < 8 ? others(count) : undefined));
  expect(error).toMatchObject({ code: "TWO_WAY_CONTENDED" });
  expect(sent).toEqual([{ name: "new" }]);
  expect(kept).toMatchObject({ wrote: { kind: "mapped", externalId: "b1" }, unfinished: false });
  const next = await afterTheirs(kept);
  expect([next.sent, next.kept?.tellsOther]).toEqual([[], true]);
  expect(JSON.parse(next.kept!.state)).toMatchObject({ base: { name: "theirs" }, held: [] });
});

test("what is left to write when a merge gives up is the next attempt's", async () => {
  const later = (count: number): WriteRequest =>
    requestOf(ours, { revision: 1 + count, a: recordOf("a1", { name: `${count}`, phone: "1" }, 3 + count) });
  const { sent, kept } = await attempt(requestOf(ours), (count) => (count < 6 ? later(count) : undefined));
  expect(kept).toMatchObject({ unfinished: true });
  const state = JSON.parse(kept!.state) as LinkState;
  expect([state.base, state.b?.told["name"]]).toEqual([{ name: "5", phone: "1" }, Object(sent.at(-1))["name"]]);
});

test("what a merge has written that fails afterwards is kept, and it fails by its own error", async () => {
  const moved = requestOf(ours, { revision: 2, b: recordOf("b1", { name: "old", phone: "5" }, 4) });
  const unreachable = async (): Promise<never> => {
    throw new BelayError("HTTP_STATUS", "It is not there just now.", { retry: "backoff" });
  };
  const { error, kept } = await attempt(requestOf(ours), (count) => (count === 1 ? moved : undefined), unreachable);
  expect(error).toMatchObject({ code: "HTTP_STATUS" });
  expect(JSON.parse(kept!.state)).toMatchObject({ base: { name: "new", phone: "5" }, b: { seen: { name: "new" }, told: { name: "new" } } });
  expect(JSON.parse((await afterTheirs(kept)).kept!.state)).toMatchObject({ base: { name: "theirs" } });
});

test("where nothing was written, nothing is told by a merge that gives up", async () => {
  const request = requestOf(before, { b: recordOf("b1", { ...before, name: "theirs" }, 4) });
  let reports = 0;
  const { error } = await attempt(request, (count) => {
    reports = count;
    return { ...request, revision: 1 + count };
  });
  expect(error).toMatchObject({ code: "TWO_WAY_CONTENDED" });
  expect(reports).toBe(6);
});
