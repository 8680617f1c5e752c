import { BelayError, type Resource } from "@belay/sdk";
import { expect, test } from "vitest";
import type { WriteReport, WriteRequest } from "../two-way/index.ts";
import { before, creationOf, people, type Person, person, recordOf, requestOf, twoWay } from "./__fixtures__/two-way-people.ts";
import { runWrite, type WriteParts } from "./run-write.ts";

const resource = { ...people, get: {}, create: { input: person.partial(), safety: { kind: "once" } } } as const satisfies Resource;

/** A message of which several attempts are made: what a step gave is kept, as it is on disk. */
class Attempts {
  /** Somebody has changed it since the last walk, so that the first attempt reads it, and merges it anew, before it writes. */
  b: Person & { readonly id: string } = { id: "b1", ...before, phone: "5" };
  readonly sent: Partial<Person>[] = [];
  /** The provider says what became of a write, and can be asked for a record. */
  tells = true;
  readonly #steps = new Map<string, unknown>();

  async run(request: WriteRequest, tell: (report: WriteReport) => void, more: Partial<WriteParts> = {}): Promise<void> {
    const parts: WriteParts = {
      twoWay,
      resource,
      tenant: "acme",
      connection: "acme-right",
      triedForMs: undefined,
      openCalls: () => ({
        ...(this.tells && { get: async () => ({ ...this.b }) }),
        create: async (input) => this.#take(input as Partial<Person>),
        update: async (_id, input) => this.#take(input as Partial<Person>),
      }),
      enter: (code) => code(),
      step: async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
        if (!this.#steps.has(name)) this.#steps.set(name, await work());
        // Kept by the same name, by the same code.
        return this.#steps.get(name) as Result;
      },
      isDone: (name) => this.#steps.has(name),
      tell: async (report) => {
        tell(report);
        return { kind: "kept" };
      },
      ...more,
    };
    await runWrite(request, parts);
  }

  #take(input: Partial<Person>): Person | undefined {
    this.sent.push(input);
    this.b = { ...this.b, ...input };
    return this.tells ? { ...this.b } : undefined;
  }
}

const leaseLost = (): never => {
  throw new BelayError("LEASE_LOST", "Somebody else has the mailbox.", { retry: "backoff" });
};

test("what an attempt decides that knows more of the other side is sent, although the one before it has written as well", async () => {
  const attempts = new Attempts();
  await expect(attempts.run(requestOf({ name: "new", phone: "1" }), leaseLost)).rejects.toMatchObject({ code: "LEASE_LOST" });
  const reports: WriteReport[] = [];
  await attempts.run(requestOf({ name: "new", phone: "2" }), (report) => reports.push(report));
  expect(attempts.b).toEqual({ id: "b1", name: "new", phone: "2" });
  expect(reports).toMatchObject([{ kind: "merged", wrote: { kind: "mapped", data: JSON.stringify({ name: "new", phone: "2" }) } }]);
});

test("what somebody has changed since an attempt wrote it is written once more, where the rule says so", async () => {
  const attempts = new Attempts();
  await expect(attempts.run(requestOf({ name: "new", phone: "1" }), leaseLost)).rejects.toMatchObject({ code: "LEASE_LOST" });
  attempts.b = { ...attempts.b, name: "theirs" };
  await attempts.run(requestOf({ name: "new", phone: "1" }), () => {});
  expect(attempts.b.name).toBe("new");
  expect(attempts.sent).toEqual([{ name: "new" }, { name: "new" }]);
});

test("what an attempt has written, and nobody has touched since, is not written again", async () => {
  const attempts = new Attempts();
  await expect(attempts.run(requestOf({ name: "new", phone: "1" }), leaseLost)).rejects.toMatchObject({ code: "LEASE_LOST" });
  await attempts.run(requestOf({ name: "new", phone: "1" }), () => {});
  expect(attempts.sent).toEqual([{ name: "new" }]);
});

test("a create whose answer was kept is done, also where it could not be said what became of it", async () => {
  const attempts = new Attempts();
  const atMerged = (report: WriteReport): void => {
    if (report.kind === "merged") leaseLost();
  };
  await expect(attempts.run(creationOf({ name: "new", phone: "1" }, "looked"), atMerged)).rejects.toMatchObject({ code: "LEASE_LOST" });
  const reports: WriteReport[] = [];
  await attempts.run(creationOf({ name: "new", phone: "1" }, "sent"), (report) => reports.push(report));
  expect(attempts.sent).toHaveLength(1);
  expect(reports.at(-1)).toMatchObject({ kind: "merged", wrote: { kind: "mapped", externalId: "b1" } });
  expect(reports.at(-1)).not.toHaveProperty("awaits");
});

test("a create of which nobody knows what became is looked for before it is sent again", async () => {
  const attempts = new Attempts();
  const reports: WriteReport[] = [];
  await attempts.run(creationOf({ name: "new", phone: "1" }, "sent"), (report) => reports.push(report));
  expect([attempts.sent, reports]).toMatchObject([[], [{ kind: "merged", awaits: { code: null } }]]);
});

test("a create with a key is sent again as long as the provider remembers it; later it is looked for", async () => {
  const keyed = { ...resource, create: { ...resource.create, safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } } } as const;
  const reportsAfter = async (triedForMs: number): Promise<unknown> => {
    const attempts = new Attempts();
    const reports: WriteReport[] = [];
    await attempts.run(creationOf({ name: "new", phone: "1" }, "sent"), (report) => reports.push(report), { resource: keyed, triedForMs });
    return [attempts.sent.length, reports.at(-1)];
  };
  const day = 86_400_000;
  expect(await reportsAfter(day - 1)).toMatchObject([1, { kind: "merged", wrote: { externalId: "b1" } }]);
  expect(await reportsAfter(day)).toMatchObject([0, { kind: "merged", awaits: { code: null } }]);
});

test("where a provider answers nothing, what it was sent is kept, with what the record is recognised by", async () => {
  const attempts = new Attempts();
  attempts.tells = false;
  const reports: WriteReport[] = [];
  await attempts.run(requestOf({ name: "old", phone: "2" }), (report) => reports.push(report));
  expect(attempts.sent).toEqual([{ phone: "2" }]);
  expect(reports).toMatchObject([{ wrote: { kind: "mapped", data: JSON.stringify({ name: "old", phone: "2" }), keys: ["phone\n2"] } }]);
});

test("a record that may be older than what was merged is read at its side before anything is merged", async () => {
  const attempts = new Attempts();
  attempts.b = { id: "b1", name: "theirs", phone: "1" };
  const reports: WriteReport[] = [];
  // What is kept of side b is the value from before our last write.
  const older = { ...recordOf("b1", { name: "older", phone: "1" }, 4), sync: "right" };
  await attempts.run({ ...requestOf(before), b: older, doubts: ["b"] }, (report) => reports.push(report));
  expect([attempts.sent, reports]).toMatchObject([
    [],
    [{ tellsOther: true, wrote: { data: JSON.stringify({ name: "theirs", phone: "1" }) } }],
  ]);
});
