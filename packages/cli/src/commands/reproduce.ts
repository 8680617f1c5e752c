import { readFileSync, writeFileSync } from "node:fs";
import { BelayError, type Config, type Reproduction } from "@belay/sdk";
import { loadConfig } from "@belay/server";
import type { Outcome, Reproduced } from "@belay/testkit";
import { Command } from "commander";
import { alignColumns } from "../development/table.ts";
import { findConfig } from "../find-config.ts";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { printResult } from "../inspecting/print.ts";
import { readId } from "../inspecting/read-query.ts";
import { invalidOption, readWholeNumber } from "../read-option.ts";

interface ReproduceOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly attempt?: string;
  readonly out?: string;
  readonly run?: string;
  readonly config: string;
}

/** `belay reproduce`: a failed attempt as a file, and that file run again offline. Ends with 1 when it does not fail alike. */
export function reproduceCommand(): Command {
  return inspecting(new Command("reproduce"))
    .description("Make a file of a failed attempt, without secrets and personal data; or run one again, offline.")
    .argument("[id]", "the message, as belay messages shows it")
    .option("--tenant <tenant>", "only if it is this tenant's")
    .option("--attempt <number>", "which attempt; default: the last that failed")
    .option("--out <file>", "where to write it; default: standard output")
    .option("--run <file>", "run this file with the configuration's flow, without any network, and say whether it fails alike")
    .option("--config <file>", "the configuration, for --run", "belay.config.ts")
    .action(async (idText: string | undefined, options: ReproduceOptions) => {
      if ((idText === undefined) === (options.run === undefined))
        throw invalidOption("<id>", "is either given, to make a file, or --run <file> is, to run one.");
      if (options.run === undefined) await makeFile(readId(idText ?? ""), options);
      else await runFile(options.run, options);
    });
}

async function makeFile(id: number, options: ReproduceOptions): Promise<void> {
  const { tenant, attempt, out } = options;
  const which = {
    ...(tenant !== undefined && { tenant }),
    ...(attempt !== undefined && { attempt: readWholeNumber("--attempt", attempt, 1_000) }),
  };
  const made = await withServer(options, async ({ belay }) => await belay.reproduction(id, which));
  if (out === undefined) {
    process.stdout.write(`${JSON.stringify(made, undefined, options.json === true ? 0 : 2)}\n`);
    return;
  }
  writeFileSync(out, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 });
  printResult(options.json, { file: out, failed: made.failed }, () => describeFile(out, made));
}

function describeFile(out: string, { message, attempt, failed, incomplete }: Reproduction): string {
  const where = failed.step === "" ? "" : ` in step "${failed.step}"`;
  return [
    `Attempt ${attempt} of message ${message}, which failed with ${failed.code}${where}, is in ${out}.`,
    ...incomplete.map((what) => `  ${what}`),
    `Run it again with: belay reproduce --run ${out}`,
  ].join("\n");
}

async function runFile(file: string, options: ReproduceOptions): Promise<void> {
  const fixture = readFixture(file);
  const config: Config = await loadConfig(findConfig(options.config).href);
  const { reproduce } = await import("@belay/testkit");
  const reproduced = await reproduce(fixture, config);
  printResult(options.json, reproduced, () => describeReproduced(reproduced));
  if (!reproduced.alike) process.exitCode = 1;
}

function readFixture(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new BelayError("CLI_OPTION_INVALID", `--run ${file}: this is no file of JSON that can be read.`, { cause });
  }
}

function describeReproduced({ alike, expected, outcome, unmatched, unused, incomplete }: Reproduced): string {
  const verdict = alike ? "It fails alike." : outcome.code === null ? "It does not fail any more." : "It fails otherwise.";
  const rows = [
    ["then", describeOutcome(expected)],
    ["now", describeOutcome(outcome)],
    ...unmatched.map((call) => ["not answered", `${call}: the attempt had not made this call, or not so often`]),
    ...(unused === 0 ? [] : [["not asked for", `${unused} exchanges of the attempt`]]),
    ...incomplete.map((what) => ["not kept", what]),
  ];
  return `${verdict}\n\n${alignColumns(rows)}`;
}

function describeOutcome({ code, error, step }: Outcome): string {
  if (code === null) return "it went well";
  return `${code}${step === "" ? "" : ` in step "${step}"`}: ${error ?? ""}`;
}
