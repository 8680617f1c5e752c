/**
 * Takes the newcomer's path: `npm run rehearse`. Packs what would be published, serves it from a registry on loopback, and does in an empty folder outside the
 * repository what `docs/guide/first-integration.md` says, word for word and with an empty cache of npm, on the Node that the machine has. Times every step.
 *
 * Packages of others come from the registry, so it needs a network, and its times are the network's too. `--keep` leaves the folder.
 *
 * @module
 */
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseCommandOptions, printReport } from "@belay/testkit/report";
import { compile } from "../../../build/compile.ts";
import { packAll } from "../../../build/stage.ts";
import { readGuide, staysRunning } from "./read-guide.ts";
import type { GuideStep } from "./read-guide.ts";
import { openRegistry } from "./registry.ts";
import { Terminal } from "./terminal.ts";

const limitMs = 300_000;
const options = parseCommandOptions(process.argv.slice(2));
const guide = await readFile(new URL("../../../docs/guide/first-integration.md", import.meta.url), "utf8");
const steps = readGuide(guide);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

say("packing");
await compile();
await using registry = await openRegistry(await packAll(), "https://registry.npmjs.org");
const outside = await mkdtemp(join(tmpdir(), "newcomer-"));
const home = join(outside, "home");
await mkdir(home);
const figures: Record<string, number> = {};
const violations: string[] = [];
{
  await using terminal = new Terminal(join(outside, "home"), newcomersEnvironment());
  const startedAt = performance.now();
  for (const step of steps) {
    const stepAt = performance.now();
    const problem = await take(step, terminal);
    const seconds = (performance.now() - stepAt) / 1_000;
    say(`${seconds.toFixed(1).padStart(6)} s  ${nameOf(step)}`);
    figures[`${nameOf(step)}, s`] = seconds;
    if (step.kind === "see") figures["first delivered event, s"] ??= (performance.now() - startedAt) / 1_000;
    if (problem === undefined) continue;
    violations.push(problem);
    break;
  }
  figures["all, s"] = (performance.now() - startedAt) / 1_000;
}
if (options.keep) say(`left in ${outside}`);
else await rm(outside, { recursive: true, force: true });
process.exitCode = printReport({ figures, violations }, options);

/** What a newcomer has: none of this repository's tools on the path, and an empty cache. */
function newcomersEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_(?!EXTRA_CA)|INIT_CWD|BELAY_)/i.test(name));
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((entry) => !/node_modules|node-gyp-bin/.test(entry));
  return {
    ...Object.fromEntries(kept),
    PATH: path.join(delimiter),
    npm_config_registry: registry.url,
    npm_config_cache: join(outside, "cache"),
    // npm asks whether it may fetch create-belay; a newcomer presses Enter.
    npm_config_yes: "true",
  };
}

/** Does one step. @returns what went otherwise than the guide says. */
async function take(step: GuideStep, terminal: Terminal): Promise<string | undefined> {
  if (step.kind === "change") {
    const path = join(terminal.folder, step.file);
    const text = await readFile(path, "utf8");
    if (!text.includes(step.from)) return `${step.file} does not have the lines that the guide changes.`;
    await writeFile(
      path,
      text.replace(step.from, () => step.to),
    );
    return undefined;
  }
  if (step.kind === "see") {
    if (await terminal.see(step.text, limitMs)) return undefined;
    return `"${step.text}" was not to be seen:\n${terminal.tail}`;
  }
  if (staysRunning(step.command)) {
    terminal.leaveRunning(step.command);
    return undefined;
  }
  const { output, code } = await terminal.run(step.command, limitMs);
  const asSaid = step.expect === undefined ? code === 0 : output.includes(step.expect);
  return asSaid ? undefined : `${step.command} ended with ${code}:\n${output.slice(-2_000)}`;
}

function nameOf(step: GuideStep): string {
  if (step.kind === "run") return step.command;
  return step.kind === "see" ? `see ${step.text}` : `change ${step.file}`;
}
