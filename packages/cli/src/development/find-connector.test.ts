import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findConnector } from "./find-connector.ts";

/* A project with connectors that were installed, as npm puts them there. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "belay-connectors-"));
  await install("@belay/connector-plain", { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } });
  await install("@acme/connector-own", { ".": { types: "./dist/index.d.ts", import: "./dist/index.js" } });
  await install("short", "./dist/index.js");
  await install("nested", { node: { require: "./none.cjs", import: "./dist/index.js" } });
  await mkdir(join(folder, "below", "it"), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function install(name: string, exports: unknown): Promise<void> {
  const place = join(folder, "node_modules", name);
  await mkdir(join(place, "dist"), { recursive: true });
  await writeFile(join(place, "package.json"), JSON.stringify({ name, version: "1.0.0", type: "module", exports }));
  const definition = {
    id: name.replaceAll(/[^a-z]/g, "-"),
    title: name,
    baseUrl: "https://x.example",
    auth: { kind: "bearer" },
    resources: {},
  };
  await writeFile(join(place, "dist", "index.js"), `export const connector = ${JSON.stringify(definition)};`);
}

const find = (name: string, from = folder): Promise<unknown> => findConnector(name, { folder: from, config: async () => undefined });

test.each([
  ["a package", "@belay/connector-plain", "@belay/connector-plain"],
  ["the same without what all of ours begin with", "plain", "@belay/connector-plain"],
  ["a package that can only be imported", "@acme/connector-own", "@acme/connector-own"],
  ["a package that exports one file", "short", "short"],
  ["a package whose conditions are nested", "nested", "nested"],
  ["the folder of a package", "./node_modules/@acme/connector-own", "@acme/connector-own"],
])("finds %s", async (_what, name, title) => {
  expect(await find(name)).toMatchObject({ title });
});

test("finds what is installed in a folder above", async () => {
  expect(await find("plain", join(folder, "below", "it"))).toMatchObject({ title: "@belay/connector-plain" });
});

test("names what is installed when there is none of this name", async () => {
  await expect(find("plane")).rejects.toMatchObject({
    code: "CLI_CONNECTOR_UNKNOWN",
    message: 'There is no connector "plane". Available here: plain. Or name its folder.',
  });
});
