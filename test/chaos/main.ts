/**
 * `npm run chaos -- crash`: kills processes of Belay, PostgreSQL and time itself under load, and asks the targets whether anything was lost,
 * doubled or reordered. Options: `--quick`, `--json`, `--seed N`; `--plant NAME` puts a bug in, which must make the command fail; `--planted` tries
 * all of them; `--keep` keeps the history also when nothing was wrong.
 *
 * `npm run chaos -- kernel`: plays made-up histories of faults in one process and in virtual time, and checks after each step what must always hold; see
 * `docs/chaos-kernel.md`. Options: `--seed N` (the first), `--seeds N`, `--quick`, `--json`; `--steps 3,7 --lines` plays a part of one history
 * and shows everything that happens; `--plant NAME`, `--planted` as above.
 *
 * `npm run chaos -- sync`: the same for syncs: records are edited between the pages of walks, cursors expire, processes die; in the end both sides are equal, and nothing
 * was deleted that was there; see `docs/chaos-syncs.md`. Options: as above, and `--two-way`.
 *
 * `npm run chaos -- outage`: a provider is away for an hour of moved clock while work piles up: what it gets meanwhile, and after. Options: `--seed N`, `--quick`, `--json`.
 *
 * `npm run chaos -- workers`: workers are added, killed, frozen, thawed and retired under load, and PostgreSQL is restarted: how long until as much is done as those there
 * are can do, and whether anything got lost. Options: `--seed N`, `--quick`, `--json`, `--keep`, `--plant NAME`.
 *
 * `npm run chaos -- batch`: a batch whose process is killed three times and more while it works: each item once. Options: `--seed N`, `--quick`, `--json`, `--keep`.
 *
 * `npm run chaos -- demo`: runs the demo with three of the bugs, which its checker must notice, and once with bad luck only, which it must not.
 *
 * `npm run chaos -- rotation`: rotates every kind of secret that Belay knows, by the commands of `docs/guide/rotation.md`, under load, with processes killed in the middle.
 * Options: `--quick`, `--json`; `--only KIND` rotates that one; `--plant KIND` takes the old secret of a kind away first, which must make the command fail.
 *
 * @module
 */
import { formatFigures, parseCommandOptions, printReport, startProgress } from "@belay/testkit";
import { isBelayError } from "@belay/sdk";
import { batchCommand } from "./batch/batch-command.ts";
import { isPlant, plants } from "./crash/plants.ts";
import { runDemoPlanted, trials } from "./demo/run-demo-planted.ts";
import { outageCommand } from "./outage/outage-command.ts";
import { runCrash } from "./crash/run-crash.ts";
import { kernelCommand, kernelOptions } from "./kernel/run-kernel-command.ts";
import { runPlanted } from "./crash/run-planted.ts";
import { fullScale, quickScale } from "./crash/scale.ts";
import { kinds } from "./rotation/kinds.ts";
import { runRotation } from "./rotation/run-rotation.ts";
import { syncCommand, syncOptions } from "./sync/sync-command.ts";
import { workersCommand } from "./workers/workers-command.ts";

async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command === "demo") return await demo(parseCommandOptions(args));
  const interrupted = new AbortController();
  if (command !== undefined && ["crash", "kernel", "sync", "rotation", "outage", "workers", "batch"].includes(command))
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => interrupted.abort());
  if (command === "kernel")
    return await kernelCommand(
      parseCommandOptions(args, kernelOptions, () => 1),
      interrupted.signal,
    );
  if (command === "sync")
    return await syncCommand(
      parseCommandOptions(args, syncOptions, () => 1),
      interrupted.signal,
    );
  if (command === "rotation") return await rotation(parseCommandOptions(args, { plant: "string", only: "string" }), interrupted.signal);
  if (command === "outage") return await outageCommand(parseCommandOptions(args), interrupted.signal);
  if (command === "workers") return await workersCommand(parseCommandOptions(args, { plant: "string" }), interrupted.signal);
  if (command === "batch") return await batchCommand(parseCommandOptions(args), interrupted.signal);
  if (command !== "crash") {
    console.error(
      "Use: npm run chaos -- crash [--json] [--quick] [--seed N] [--plant NAME | --planted], or npm run chaos -- kernel [--json] [--quick] [--seed N] [--seeds N] [--plant NAME | --planted], npm run chaos -- sync [--json] [--quick] [--seed N] [--seeds N] [--plant NAME | --planted], npm run chaos -- rotation [--json] [--quick] [--plant KIND], npm run chaos -- outage [--json] [--quick] [--seed N], npm run chaos -- workers [--json] [--quick] [--seed N] [--plant NAME], npm run chaos -- batch [--json] [--quick] [--seed N], or npm run chaos -- demo [--json] [--seed N]",
    );
    return 1;
  }
  const options = parseCommandOptions(args, { plant: "string", planted: "boolean" });
  return options.planted === true ? await planted(options, interrupted.signal) : await crash(options, interrupted.signal);
}

async function demo(options: ReturnType<typeof parseCommandOptions>): Promise<0 | 1> {
  using progress = startProgress("demo with planted bugs");
  const results = await runDemoPlanted(
    options.seed,
    (status) => progress.update(status),
    ({ name, asExpected, seen }) => console.error(`${asExpected ? "as expected" : "NOT SO"}  ${name.padEnd(32)}${seen}`),
  );
  progress.stop();
  const wrong = results.filter(({ asExpected }) => !asExpected);
  const violations = wrong.map(({ name, seen }) => `The demo did not judge "${name}" as it must (${seen}).`);
  return printReport({ figures: { trials: trials.length, asExpected: results.length - wrong.length }, violations }, options);
}

async function crash(options: Options, signal: AbortSignal): Promise<0 | 1> {
  const plant = options.plant ?? "";
  if (plant !== "" && !isPlant(plant)) {
    console.error(`There is no bug "${plant}" to plant. Known: ${Object.keys(plants).join(", ")}.`);
    return 1;
  }
  using progress = startProgress(`crash, seed ${options.seed}${plant === "" ? "" : `, with the bug ${plant}`}`);
  const onProgress = (status: string): void => progress.update(status);
  const scale = options.quick ? quickScale : fullScale;
  const report = await runCrash({ seed: options.seed, scale, plant, keep: options.keep, signal, onProgress });
  progress.stop();
  if (report.keptAt !== undefined) console.error(`The history is kept in ${report.keptAt}`);
  return printReport(report, options);
}

async function rotation(
  options: ReturnType<typeof parseCommandOptions<{ readonly plant: "string"; readonly only: "string" }>>,
  signal: AbortSignal,
): Promise<0 | 1> {
  const { plant = "", only = plant } = options;
  const plantable = kinds.filter(({ cannotBePlanted }) => cannotBePlanted !== true).map(({ name }) => name);
  if (plant !== "" && !plantable.includes(plant)) {
    console.error(`There is no kind "${plant}" whose old secret can be taken away first. Known: ${plantable.join(", ")}.`);
    return 1;
  }
  if (only !== "" && !kinds.some(({ name }) => name === only)) {
    console.error(`There is no kind "${only}". Known: ${kinds.map(({ name }) => name).join(", ")}.`);
    return 1;
  }
  using progress = startProgress(`rotation${plant === "" ? "" : `, with the old ${plant} taken away first`}`);
  const report = await runRotation({
    quick: options.quick,
    only,
    planted: plant !== "",
    signal,
    onProgress: (status) => progress.update(status),
  });
  progress.stop();
  if (report.keptAt !== undefined) console.error(`The logs are kept in ${report.keptAt}`);
  return printReport(report, options);
}

async function planted(options: Options, signal: AbortSignal): Promise<0 | 1> {
  using progress = startProgress("crash with planted bugs");
  const results = await runPlanted({
    seed: options.seed,
    signal,
    onProgress: (status) => progress.update(status),
    onResult: ({ name, caught, seconds, seen }) => {
      console.error(`${caught ? "caught" : "MISSED"}  ${name.padEnd(24)}${seconds.toFixed(0).padStart(4)} s  ${seen}`);
    },
  });
  progress.stop();
  const missed = results.filter(({ caught }) => !caught);
  const figures = { planted: Object.keys(plants).length, caught: results.length - missed.length };
  if (!options.json) console.error(`\n${formatFigures(figures)}\n`);
  const untried = Object.keys(plants).filter((name) => !results.some((result) => result.name === name));
  const violations = [
    ...missed.map(({ name, seen }) => `The bug ${name} was not noticed (${seen}).`),
    ...untried.map((name) => `The bug ${name} was not tried.`),
  ];
  return printReport({ figures, violations }, options);
}

type Options = ReturnType<typeof parseCommandOptions<{ readonly plant: "string"; readonly planted: "boolean" }>>;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(isBelayError(error) ? error.message : error);
  process.exitCode = 1;
}
