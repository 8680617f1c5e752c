import { defineConnector } from "@belay/sdk";
import type { Client, Resource } from "@belay/sdk";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { collect, drive, token } from "./__fixtures__/drive.ts";
import { simulate } from "./index.ts";
import type { SimulatorOptions } from "./index.ts";

const input = z.strictObject({ name: z.string() });
const base = {
  id: "id",
  schema: z.object({ id: z.number(), name: z.string() }),
  create: { input, safety: { kind: "natural" } },
  get: {},
  update: { input, method: "PUT", safety: { kind: "natural" } },
  delete: {},
  list: { paging: { kind: "none" } },
} as const satisfies Omit<Resource, "path">;

const school = defineConnector({
  id: "school",
  title: "School",
  baseUrl: "https://school.example",
  auth: { kind: "bearer" },
  resources: {
    /** Wrapped where it is written, bare where it is answered; the path of one has nothing of the list's. */
    course: { ...base, path: "/accounts/{account_id}/courses", recordPath: "/courses/{id}", wrap: { sent: "course" } },
    task: { ...base, path: "/courses/{course_id}/tasks", schema: base.schema.extend({ course_id: z.number() }) },
    /** The other way about, with a suffix, found by another field in the place of the id, and silent about updates. */
    project: {
      ...base,
      path: "/projects.json",
      recordPath: "/projects/{id}.json",
      wrap: { one: "data", many: "data", sent: false },
      find: { by: ["name"], style: { kind: "path" } },
      update: { ...base.update, returns: "nothing" },
    },
    /** Of the team's place, the path of one has only the school. */
    member: { ...base, path: "/schools/{school}/teams/{team}/members", recordPath: "/schools/{school}/members/{id}" },
  },
  errors: [
    {
      status: 404,
      code: "SCHOOL_NOT_FOUND",
      class: "record-refused",
      retry: "never",
      meaning: "There is none.",
      example: { errors: [{ message: "Nothing here." }] },
    },
    {
      status: 400,
      code: "SCHOOL_BAD",
      class: "record-refused",
      retry: "never",
      meaning: "Bad.",
      answers: ["malformed"],
      example: "400 (Bad Request)",
    },
  ],
});

async function start(options: Partial<SimulatorOptions> = {}) {
  const simulator = await simulate(school, { accounts: { acme: { token } }, listen: false, ...options });
  return { simulator, client: drive(school, simulator) };
}

const pathsOf = ({ history }: { history(): readonly { readonly method: string; readonly path: string }[] }): readonly string[] =>
  history().map(({ method, path }) => `${method} ${path}`);

describe("the path of one record", () => {
  test("may have a suffix, and takes a value that is found by where an id would stand", async () => {
    const { client, simulator } = await start();
    const { id } = await client.project.create({ name: "web/site" });
    expect(await client.project.get(id)).toEqual({ id, name: "web/site" });
    expect(await client.project.find({ name: "web/site" })).toEqual({ id, name: "web/site" });
    expect(await client.project.find({ name: "none" })).toBeUndefined();
    await client.project.delete(id);
    expect(await client.project.get(id)).toBeUndefined();
    expect(pathsOf(simulator)).toEqual([
      "POST /projects.json",
      `GET /projects/${id}.json`,
      "GET /projects/web%2Fsite.json",
      "GET /projects/none.json",
      `DELETE /projects/${id}.json`,
      `GET /projects/${id}.json`,
    ]);
  });

  test("that says nothing of the place is asked without it, and ids differ between places", async () => {
    const { client } = await start();
    const here = await client.course.in({ account_id: 1 }).create({ name: "Here" });
    const there = await client.course.in({ account_id: 2 }).create({ name: "There" });
    expect(here.id).not.toBe(there.id);
    expect(await client.course.get(there.id)).toEqual(there);
    expect(await client.course.update(here.id, { name: "New" })).toEqual({ ...here, name: "New" });
    expect(await collect(client.course.in({ account_id: 1 }).list())).toEqual([{ ...here, name: "New" }]);
    await client.course.delete(there.id);
    expect(await client.course.in({ account_id: 2 }).get(there.id)).toBeUndefined();
  });

  test("that says a part of the place is asked in all of it", async () => {
    const { client } = await start();
    const [red, blue] = ["red", "blue"].map((team) => client.member.in({ school: "north", team }));
    const [ann, ben] = [await red!.create({ name: "Ann" }), await blue!.create({ name: "Ben" })];
    expect(ann.id).not.toBe(ben.id);
    expect(await red!.get(ben.id)).toEqual(ben);
    expect(await client.member.in({ school: "south", team: "red" }).get(ann.id)).toBeUndefined();
  });

  test("a made-up field with the name of a placeholder says where the record lives", async () => {
    const { client } = await start();
    expect(await client.task.in({ course_id: 7 }).create({ name: "Read" })).toMatchObject({ course_id: 7 });
  });

  test("types know which calls need a place, and which update gives nothing", () => {
    type School = Client<typeof school>;
    expectTypeOf<School["course"]>().toHaveProperty("get");
    expectTypeOf<School["course"]>().not.toHaveProperty("list");
    expectTypeOf<School["task"]>().not.toHaveProperty("get");
    expectTypeOf<School["member"]>().not.toHaveProperty("get");
    expectTypeOf<ReturnType<School["project"]["update"]>>().toEqualTypeOf<Promise<void>>();
    expectTypeOf<ReturnType<School["course"]["update"]>>().toEqualTypeOf<Promise<{ id: number; name: string }>>();
  });
});

describe("what stands around a record", () => {
  const sentBy = async (write: (client: Client<typeof school>) => Promise<unknown>): Promise<unknown> => {
    const bodies: string[] = [];
    const { simulator } = await start();
    const kept = {
      ...simulator,
      exchange: (request, gone) => (bodies.push(request.body), simulator.exchange(request, gone)),
    } as typeof simulator;
    await write(drive(school, kept));
    return JSON.parse(bodies[0] ?? "");
  };

  test("may stand around what is sent alone", async () => {
    expect(await sentBy((client) => client.course.in({ account_id: 1 }).create({ name: "N" }))).toEqual({ course: { name: "N" } });
  });

  test("may be missing around what is sent alone", async () => {
    expect(await sentBy((client) => client.project.create({ name: "N" }))).toEqual({ name: "N" });
  });
});

describe("an update that returns nothing", () => {
  test("is answered by 204, changes the record, and gives nothing", async () => {
    const { client, simulator } = await start();
    const { id } = await client.project.create({ name: "Old" });
    expect(await client.project.update(id, { name: "New" })).toBeUndefined();
    expect(await client.project.get(id)).toEqual({ id, name: "New" });
    expect(simulator.history()[1]?.answer).toMatchObject({ status: 204, body: "" });
  });

  test("does not read an answer that comes all the same", async () => {
    const { client } = await start({ faults: [{ method: "PUT", fault: { kind: "reply", status: 200, text: "<p>ok</p>" } }] });
    expect(await client.project.update(1, { name: "New" })).toBeUndefined();
  });

  test("that was not declared is a clear error", async () => {
    const { client } = await start({ faults: [{ method: "PUT", fault: { kind: "reply", status: 204, text: "" } }] });
    await expect(client.task.in({ course_id: 7 }).update(1, { name: "New" })).rejects.toMatchObject({
      code: "CLIENT_RESPONSE_INVALID",
      message:
        'school.task.update: the provider\'s answer has no body (status 204); where updates are always answered so, the connector says returns: "nothing".',
    });
  });
});

describe("an error in the provider's words", () => {
  const ask = async (path: string, options: object = {}) => {
    const { simulator } = await start();
    return simulator.fetch(`${simulator.url("acme")}${path}`, { headers: { authorization: `Bearer ${token.reveal()}` }, ...options });
  };

  test("is the example of the row with its status, also where the row does not list what it answers", async () => {
    const response = await ask("/courses/9");
    expect([response.status, await response.json()]).toEqual([404, { errors: [{ message: "Nothing here." }] }]);
  });

  test("is a plain text where the example is one", async () => {
    const headers = { authorization: `Bearer ${token.reveal()}`, "content-type": "application/json" };
    const response = await ask("/projects.json", { method: "POST", headers, body: "{" });
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      400,
      "text/plain; charset=utf-8",
      "400 (Bad Request)",
    ]);
  });
});
