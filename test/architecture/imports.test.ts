import { expect, test } from "vitest";
import { checkImports } from "./imports.ts";
import { sliceImports } from "./rules.ts";
import { readSources, show } from "./sources.ts";

const problems = (path: string, text: string): string[] => checkImports([{ path, text }]).map(({ problem }) => problem);

test("every import of the repository is allowed", () => {
  expect(show(checkImports(readSources()))).toEqual([]);
});

test("slices form no cycle: each imports only slices that stand before it", () => {
  const order = Object.keys(sliceImports);
  const upward = Object.entries(sliceImports).flatMap(([slice, imports]) =>
    imports.filter((other) => order.indexOf(other) >= order.indexOf(slice)),
  );
  expect(upward).toEqual([]);
});

test.each([
  ["packages/sdk/src/index.ts", 'import { start } from "@belay/server";', "may not import @belay/server"],
  ["packages/sdk/src/index.ts", 'import { db } from "../../server/src/db/index.ts";', "by path"],
  ["packages/sdk/src/index.ts", 'const server = await import("@belay/server");', "may not import @belay/server"],
  ["packages/testkit/src/a.ts", 'export { start } from "@belay/server";', "may not import @belay/server"],
  ["packages/dashboard/src/a.tsx", 'import { type Run, start } from "@belay/server";', "at run time"],
  ["connectors/zendesk/index.ts", 'import { request } from "undici";', "a connector imports"],
  ["connectors/zendesk/index.ts", 'import { stripe } from "@belay/connector-stripe";', "may not import"],
  ["packages/server/src/mailbox/index.ts", 'import { boss } from "pg-boss";', "engine"],
  ["packages/server/src/db/index.ts", 'import { commit } from "../mailbox/index.ts";', 'may not import "mailbox"'],
  ["packages/server/src/flow/index.ts", 'import { claim } from "../mailbox/store.ts";', "reaches past"],
  ["packages/server/src/flow/index.ts", 'import { main } from "../main.ts";', "above the slices"],
  ["packages/server/src/gossip/index.ts", 'import { db } from "../db/index.ts";', "not in test/architecture/rules.ts"],
])("refused in %s: %s", (path, text, problem) => {
  expect(problems(path, text)).toEqual([expect.stringContaining(problem)]);
});

test.each([
  ["packages/server/src/main.ts", 'import { commit } from "./mailbox/index.ts";'],
  ["packages/server/src/flow/index.ts", 'import { commit } from "../mailbox/index.ts";'],
  [
    "packages/server/src/flow/run.test.ts",
    'import { simulate } from "@belay/testkit"; import { open } from "../../../../test/setup/database.ts";',
  ],
  ["packages/dashboard/src/a.tsx", 'import type { Run } from "@belay/server";'],
  ["connectors/zendesk/index.ts", 'import { z } from "zod"; import { defineConnector } from "@belay/sdk";'],
  ["connectors/stripe/contract.test.ts", 'import Stripe from "stripe"; import { simulate } from "@belay/testkit";'],
  ["examples/demo/main.ts", 'import { zendesk } from "@belay/connector-zendesk"; import "@belay/sdk/http";'],
])("allowed in %s: %s", (path, text) => {
  expect(problems(path, text)).toEqual([]);
});
