import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import { apiFiles } from "./api-files.ts";
import { buildDocument } from "./build-document.ts";
import type { ApiDocument } from "./document-types.ts";

let document: ApiDocument;
beforeAll(async () => {
  document = (await buildDocument()) as ApiDocument;
});

describe("the OpenAPI document", () => {
  test("is one of OpenAPI 3.1 to a validator that nobody here wrote", async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...document })).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
    const broken = { ...document, paths: { "/v1/x": { get: { responses: 5 } } } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  test("refers to nothing that it does not have, and names every operation once", () => {
    const text = JSON.stringify(document);
    const referred = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
    expect(referred.length).toBeGreaterThan(20);
    expect([...new Set(referred)].filter((name) => !Object.hasOwn(document.components.schemas, name))).toEqual([]);
    const ids = Object.values(document.paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(["emitEvent", "listMessages", "showMessage", "replayDeadLetter"]));
  });

  test("is committed as it is, with the page and the client's types made from it: npm run docs:api", async () => {
    for (const [path, text] of Object.entries(await apiFiles()))
      expect([path, readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")]).toEqual([path, text]);
  });
});
