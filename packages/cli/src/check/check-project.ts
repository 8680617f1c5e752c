import { relative, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isBelayError } from "@belay/sdk";
import { checkTypes } from "./check-types.ts";
import { findNetwork } from "./find-network.ts";
import { findSecrets } from "./find-secrets.ts";
import type { Finding, Skipped } from "./finding.ts";
import { readProject } from "./project-sources.ts";

export interface CheckResult {
  /** True when nothing was found; what was skipped does not count. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly skipped: readonly Skipped[];
  /** How many files were looked at, and what they declare. */
  readonly counts: { readonly files: number; readonly connectors: number; readonly flows: number; readonly connections: number };
}

/** Everything that can be known about a project without running it. Its configuration is imported, and nothing is sent anywhere. */
export async function checkProject(configPath: string): Promise<CheckResult> {
  const sources = readProject(configPath);
  const definitions = await checkDefinitions(configPath);
  const types = await checkTypes(configPath);
  const found = [...definitions.findings, ...types.filter(isFinding), ...findNetwork(sources), ...findSecrets(sources)];
  const findings = found.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  const skipped = types.filter((each): each is Skipped => !isFinding(each));
  return { ok: findings.length === 0, findings, skipped, counts: { files: sources.length, ...definitions.counts } };
}

function isFinding(each: Finding | Skipped): each is Finding {
  return "problem" in each;
}

async function checkDefinitions(
  configPath: string,
): Promise<{ readonly findings: readonly Finding[]; readonly counts: Omit<CheckResult["counts"], "files"> }> {
  const { buildCatalog, loadConfig } = await import("@belay/server");
  try {
    const config = await loadConfig(pathToFileURL(configPath).href);
    buildCatalog(config);
    const { connectors, flows, connections } = config;
    return { findings: [], counts: { connectors: connectors.length, flows: flows.length, connections: connections.length } };
  } catch (error) {
    if (!isBelayError(error)) throw error;
    return { findings: [toFinding(error, configPath)], counts: { connectors: 0, flows: 0, connections: 0 } };
  }
}

/** A definition knows where it was made; anything else is the configuration's as a whole. */
function toFinding(error: { readonly message: string; readonly details: Readonly<Record<string, unknown>> }, configPath: string): Finding {
  const { file, line } = error.details;
  const place = typeof file === "string" && typeof line === "number" ? { file: resolve(file), line } : { file: configPath, line: 1 };
  return { check: "definitions", file: relative(dirname(configPath), place.file), line: place.line, problem: error.message };
}
