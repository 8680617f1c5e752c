import { Secret } from "@belay/sdk";
import { clientOf, collect, openTrial, simulate } from "@belay/testkit";
import type { SimulatorOptions } from "@belay/testkit";
import { describe, expect, it } from "vitest";
import { classesToCourses } from "./flow.ts";
import { canvas } from "./index.ts";

const credential = { accessToken: new Secret("a-token-made-by-hand") };

async function start(options: Partial<SimulatorOptions> = {}) {
  const simulator = await simulate(canvas, { accounts: { acme: credential }, ...options });
  const ask = async (path: string, request: RequestInit = {}) => {
    const headers = { authorization: "Bearer a-token-made-by-hand" };
    const response = await fetch(`${simulator.url("acme")}/api/v1${path}`, { headers, ...request });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { simulator, ask, client: clientOf(canvas, simulator, credential) };
}

describe("Canvas", () => {
  it("takes courses in an account as a form in brackets, and shows each bare, by its id alone", async () => {
    const { simulator, client, ask } = await start();
    await using _ = simulator;
    const course = await client.course.in({ account_id: 3 }).create({ name: "Analysis & more", sis_course_id: "MA-1" });
    expect(course).toMatchObject({ name: "Analysis & more", account_id: 3, workflow_state: "unpublished" });
    expect(JSON.parse((await ask(`/courses/${course.id}`)).text)).toMatchObject({ id: course.id, sis_course_id: "MA-1" });
    expect(await client.course.update(course.id, { event: "offer" })).toMatchObject({ workflow_state: "available" });
    expect(await client.course.in({ account_id: 3 }).find({ sis_course_id: "MA-1" })).toMatchObject({ id: course.id });
    await client.course.delete(course.id);
    expect(await client.course.get(course.id)).toBeUndefined();
    expect(simulator.history().map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /api/v1/accounts/3/courses",
      `GET /api/v1/courses/${course.id}`,
      `PUT /api/v1/courses/${course.id}`,
      "GET /api/v1/courses/sis_course_id:MA-1",
      `DELETE /api/v1/courses/${course.id}?event=delete`,
      `GET /api/v1/courses/${course.id}`,
    ]);
    const sent = await ask("/accounts/3/courses", {
      method: "POST",
      body: new URLSearchParams({ "course[name]": "N", "course[sis_course_id]": "N-1" }),
      headers: { authorization: "Bearer a-token-made-by-hand" },
    });
    expect(sent.status).toBe(200);
  });

  it("lists by link headers, ten at a time unasked", async () => {
    const { simulator, client, ask } = await start();
    await using _ = simulator;
    const assignments = client.assignment.in({ course_id: 7 });
    for (let n = 12; n >= 1; n -= 1) await assignments.create({ name: `Essay ${String(n).padStart(2, "0")}`, points_possible: n });
    expect(await collect(assignments.list({ pageSize: 5 }))).toHaveLength(12);
    expect((await collect(assignments.list({ order: "name" })))[0]).toMatchObject({
      name: "Essay 01",
      course_id: 7,
      points_possible: 1,
    });
    const page = await ask("/courses/7/assignments");
    expect(JSON.parse(page.text)).toHaveLength(10);
    expect(page.headers.get("link")).toMatch(/rel="next"/);
  });

  it("makes a course once, though the first answer was lost", async () => {
    const { simulator, client } = await start({ faults: [{ method: "POST", times: 1, fault: { kind: "reset-after-commit" } }] });
    await using _ = simulator;
    await client.course.in({ account_id: 3 }).create({ name: "Analysis", sis_course_id: "MA-1" });
    expect(simulator.writes("course")).toHaveLength(1);
  });

  it("words its errors as the documentation has them, a used-up quota in plain text", async () => {
    const { simulator, client, ask } = await start({
      faults: [{ path: "/api/v1/courses/1", times: 1, fault: { kind: "answer", failure: "limited" } }],
    });
    await using _ = simulator;
    expect(await ask("/courses/1")).toMatchObject({ status: 403, text: "403 Forbidden (Rate Limit Exceeded)" });
    expect(await ask("/courses/1")).toMatchObject({
      status: 404,
      text: '{"errors":[{"message":"The specified resource does not exist."}]}',
    });
    expect((await ask("/courses/1", { headers: {} })).text).toContain("Invalid access token.");
    await expect(client.course.update(9, { name: "None" })).rejects.toMatchObject({ code: "CANVAS_NOT_FOUND" });
  });
});

it("a class that is scheduled becomes an open course with its essay", async () => {
  await using trial = await openTrial(classesToCourses);
  await trial.run({ id: "MA-1", account: 3, title: "Analysis", essay: { name: "On limits", due: "2026-12-01T12:00:00Z" } });
  const [[course], [essay]] = [trial.target.records("course"), trial.target.records("assignment")];
  expect(course?.body).toMatchObject({ name: "Analysis", workflow_state: "available" });
  expect(essay?.body).toMatchObject({ course_id: course?.body["id"], name: "On limits", submission_types: ["online_upload"] });
});
