import { expect, test } from "vitest";
import { publishedManifest } from "./manifest.ts";

const source = {
  name: "@belay/sdk",
  version: "0.1.0",
  private: true,
  type: "module",
  exports: { ".": "./src/index.ts", "./http": "./src/http/index.ts" },
  dependencies: { undici: "8.12.4" },
  devDependencies: { zod: "4.6.7" },
};

test("what is published exports compiled files, with the types found first", () => {
  const published = publishedManifest(source);
  expect(published["exports"]).toEqual({
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./http": { types: "./dist/http/index.d.ts", default: "./dist/http/index.js" },
    "./package.json": "./package.json",
  });
  const conditions = Object.keys(Object(Reflect.get(Object(published["exports"]), ".")));
  expect(conditions).toEqual(["types", "default"]);
});

test("what is published keeps its dependencies and drops what is for the workspace alone", () => {
  const published = publishedManifest(source);
  expect(published).toMatchObject({ dependencies: { undici: "8.12.4" }, engines: { node: ">=24" }, files: ["dist"] });
  for (const field of ["private", "devDependencies"]) expect(published).not.toHaveProperty(field);
});

test("a connector, whose sources lie beside its package.json, is found in dist too", () => {
  expect(publishedManifest({ name: "c", version: "1.0.0", exports: { ".": "./index.ts" } })["exports"]).toMatchObject({
    ".": { default: "./dist/index.js" },
  });
});

test("a command is compiled, needs what it says it needs, and ships the folders it names", () => {
  const published = publishedManifest({
    name: "create-x",
    version: "1.0.0",
    bin: { "create-x": "./src/main.ts" },
    engines: { node: ">=20" },
    files: ["template"],
  });
  expect(published).toMatchObject({ bin: { "create-x": "dist/main.js" }, engines: { node: ">=20" }, files: ["dist", "template"] });
});
