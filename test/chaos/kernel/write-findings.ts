import { readFileSync, writeFileSync } from "node:fs";
import { kernelPlants } from "./plants.ts";
import type { PlantResult } from "./run-kernel-planted.ts";

const begin = "<!-- findings: written by `npm run chaos -- kernel --planted` -->";
const end = "<!-- end of findings -->";

/** Writes the table of planted bugs into the guide, between its two marks. */
export function writeFindings(results: readonly PlantResult[], file = new URL("../../../docs/chaos-kernel.md", import.meta.url)): void {
  const text = readFileSync(file, "utf8");
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`The guide lacks the mark "${begin}" or "${end}".`);
  writeFileSync(file, `${before}${begin}\n\n${toTable(results)}\n\n${end}${after}`);
}

function toTable(results: readonly PlantResult[]): string {
  const rows = results.map(({ name, found, seeds, steps, seen }) => {
    const { part, meaning } = kernelPlants[name];
    const cells = [
      `\`${name}\``,
      part,
      meaning,
      found ? String(seeds) : `not in ${seeds}`,
      found ? String(steps) : "",
      found ? toSaid(seen) : "",
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [
    "| bug | part | what is wrong | histories until found | steps left | what the checker said |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** Without the command, which the guide explains. */
function toSaid(seen: string): string {
  return seen.replace(/ Play it again: .*$/, "");
}
