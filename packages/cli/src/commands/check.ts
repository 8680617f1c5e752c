import { fileURLToPath } from "node:url";
import { Command } from "commander";
import type { CheckResult } from "../check/check-project.ts";
import { findConfig } from "../find-config.ts";

/**
 * `belay check`: types, definitions, ways to the network past the pipeline, secrets in files. Ends with 1 when something was found.
 */
export function checkCommand(): Command {
  return new Command("check")
    .description("Look for mistakes before anything runs: types, configuration, connectors, flows, network access, secrets in files.")
    .option("--config <file>", "the configuration", "belay.config.ts")
    .option("--json", "one line for programs")
    .action(async ({ config, json }: { readonly config: string; readonly json?: true }) => {
      const path = fileURLToPath(findConfig(config));
      const { checkProject } = await import("../check/check-project.ts");
      const result = await checkProject(path);
      process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : describeCheck(result));
      if (!result.ok) process.exitCode = 1;
    });
}

/** For people: a line or two per finding, then how it stands. */
export function describeCheck({ findings, skipped, counts, ok }: CheckResult): string {
  const found = findings.map(
    ({ file, line, problem, remedy }) => `${file}:${line} ${problem}${remedy === undefined ? "" : `\n  ${remedy}`}`,
  );
  const left = skipped.map(({ check, why }) => `Not checked: ${check}. ${why}`);
  const { files, connectors, flows, connections } = counts;
  const sum = ok
    ? `No mistakes in ${files} files: ${connectors} connectors, ${flows} flows, ${connections} connections.`
    : `${findings.length} ${findings.length === 1 ? "mistake" : "mistakes"} found.`;
  return `${[...found, ...left, sum].join("\n")}\n`;
}
