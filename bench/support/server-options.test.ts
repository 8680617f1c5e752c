import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { serverOptions } from "./server-options.ts";

test("the benchmarks start Node as the command does, and the guide tells of the same options", async () => {
  const [command, guide] = await Promise.all(
    ["packages/cli/src/main.ts", "docs/guide/operating.md"].map((file) => readFile(new URL(`../../${file}`, import.meta.url), "utf8")),
  );
  expect(command?.split("\n")[0]).toBe(`#!/usr/bin/env -S node ${serverOptions.join(" ")}`);
  expect(guide).toContain(`\`${serverOptions.join(" ")}\``);
});
