import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { lookAtConfig } from "./look-locally.ts";

const configOf = (path: string): string => fileURLToPath(new URL(`../../../../test/${path}`, import.meta.url));

test("a configuration's syncs and two-way syncs are counted too", async () => {
  const [found] = await lookAtConfig(configOf("two-way/belay.config.ts"), false);
  expect(found).toMatchObject({ found: expect.stringMatching(/^2 connectors, 0 flows, \d+ connections, 2 syncs, 1 two-way syncs$/) });
});
