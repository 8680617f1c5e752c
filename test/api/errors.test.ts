import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Api, openApi } from "../../packages/server/src/api/__fixtures__/api.ts";
import type { Database } from "../../packages/server/src/db/index.ts";
import { findErrorCodes } from "../architecture/error-codes.ts";
import { isTest, readSources } from "../architecture/sources.ts";
import { databases } from "../setup/database.ts";

/** Codes of the server and of its syncs; those of targets for telemetry show only when a process starts. */
const declared = readSources()
  .filter(({ path }) => /^packages\/(server|sdk)\//.test(path) && !isTest(path))
  .flatMap(findErrorCodes)
  .filter(({ where }) => (where.startsWith("server/") && where !== "server/tracing") || where === "sdk/sync" || where === "sdk/models");

describe("what an error code means", () => {
  let database: Database;
  let api: Api;
  beforeAll(async () => {
    database = await databases[0].open();
    api = openApi(database);
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await database.close();
  });

  test("is told of every code that a server refuses with, keeps with a record or holds work back for", async () => {
    expect(declared.length).toBeGreaterThan(80);
    const answers = await Promise.all(
      declared.map(async ({ code, class: name }) => {
        const { status, body } = await api.get(`/v1/errors/${code}`);
        return { code, status, class: body["class"], declared: name };
      }),
    );
    expect(answers.filter((answer) => answer.status !== 200 || answer.class !== answer.declared)).toEqual([]);
  });
});
