import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { readOutput } from "../check/check-types.ts";
import { describeCheck } from "./check.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Inside the repository, so that packages are found as a user's project finds them. */
function project(files: Readonly<Record<string, string>>): string {
  const cache = resolve(import.meta.dirname, "../../../../node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "check-"));
  folders.push(folder);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return join(folder, "belay.config.ts");
}

const crm = `import { defineConnector } from "@belay/sdk";
export const crm = defineConnector({
  id: "crm", title: "CRM", baseUrl: "https://crm.example", auth: { kind: "bearer" }, resources: {},
});
`;
const config = `import { defineConfig } from "@belay/sdk";
import { crm } from "./connectors/crm.ts";
export default defineConfig({ connectors: [crm], flows: [], connections: [{ id: "a", tenant: "t", connector: "crm" }] });
`;
const options = '{ "extends": "../../../tsconfig.json", "include": ["**/*.ts"], "exclude": [] }';

test("a project without mistakes passes, and is counted", async () => {
  const path = project({ "belay.config.ts": config, "connectors/crm.ts": crm, "tsconfig.json": options });
  const result = await checkProject(path);
  expect(result).toEqual({ ok: true, findings: [], skipped: [], counts: { files: 2, connectors: 1, flows: 0, connections: 1 } });
  expect(describeCheck(result)).toBe("No mistakes in 2 files: 1 connectors, 0 flows, 1 connections.\n");
});

test("ways to the network, secrets in files and types are found in the file and line where they are", async () => {
  const path = project({
    "belay.config.ts": config,
    "tsconfig.json": options,
    "connectors/crm.ts": `${crm}import { ask } from "../ask.ts";\nexport const asked = ask;\nexport const wrong: number = "text";\n`,
    "ask.ts": `import { request } from "node:https";
import type { Socket } from "node:net";
import { Secret } from "@belay/sdk";
export const ask = async (fetch: typeof globalThis.fetch, socket?: Socket) => [fetch("https://a.example"), socket, request];
export const go = () => globalThis.fetch("https://a.example");
export const key = new Secret("hunter2");
export const stripe = "sk_live_" + "no", real = "ghp_0123456789abcdefghijABCDEFGHIJ";
export const fromEnvironment = new Secret(process.env["KEY"] ?? "");
`,
  });
  const { ok, findings } = await checkProject(path);
  expect(ok).toBe(false);
  expect(findings.map(({ check, file, line, problem }) => `${check} ${file}:${line} ${problem}`)).toEqual([
    `network ask.ts:1 imports "node:https": that is a way to the network past the pipeline.`,
    `network ask.ts:5 uses the global fetch: that is a way to the network past the pipeline.`,
    `secrets ask.ts:6 holds a secret as plain text.`,
    `secrets ask.ts:7 holds a GitHub token.`,
    `types connectors/crm.ts:7 TS2322: Type 'string' is not assignable to type 'number'.`,
  ]);
  expect(JSON.stringify(findings)).not.toMatch(/hunter2|0123456789abcdef/);
});

test("a wrong definition is found where it was made, and what is skipped is said", async () => {
  const path = project({ "belay.config.ts": config, "connectors/crm.ts": crm.replace("https://crm.example", "crm.example") });
  const result = await checkProject(path);
  expect(result).toMatchObject({
    ok: false,
    findings: [{ check: "definitions", file: "connectors/crm.ts", line: 2 }],
    skipped: [{ check: "types", why: "There is no tsconfig.json beside the configuration." }],
  });
  expect(result.findings[0]?.problem).toContain('Connector "crm", baseUrl: found "crm.example". Start with https://.');
});

test("a configuration that cannot be imported is found too", async () => {
  const path = project({ "belay.config.ts": 'import "./nowhere.ts";\nexport default {};\n' });
  const { findings } = await checkProject(path);
  expect(findings).toMatchObject([{ check: "definitions", file: "belay.config.ts", line: 1 }]);
});

test("the compiler's output is read with its explanations", () => {
  expect(readOutput("flows/a.ts(3,14): error TS2322: No.\n  Because of that.\nerror TS5083: No file.\n")).toEqual([
    { check: "types", file: "flows/a.ts", line: 3, problem: "TS2322: No. Because of that." },
    { check: "types", file: "tsconfig.json", line: 1, problem: "TS5083: No file." },
  ]);
});
