import { readFileSync, writeFileSync } from "node:fs";
import { type KernelPlantName, kernelPlants } from "./plants.ts";
import type { PlantResult } from "./run-kernel-planted.ts";

const begin = "<!-- findings: written by `npm run chaos -- kernel --planted` -->";
const end = "<!-- end of findings -->";

const head = [
  "| bug | part | what is wrong | histories until found | steps left | what the checker said |",
  "| --- | --- | --- | --- | --- | --- |",
];

/** Writes what came of planted bugs into the guide's table, between its two marks. Rows of other bugs stay as they are. */
export function writeFindings(
  results: readonly PlantResult<KernelPlantName>[],
  file = new URL("../../../docs/chaos-kernel.md", import.meta.url),
): void {
  const text = readFileSync(file, "utf8");
  const [before, rest] = text.split(begin);
  const [table, after] = rest?.split(end) ?? [];
  if (before === undefined || table === undefined || after === undefined)
    throw new Error(`The guide lacks the mark "${begin}" or "${end}".`);
  const rows = Object.keys(kernelPlants).flatMap((name) => {
    const result = results.find((candidate) => candidate.name === name);
    return result === undefined ? table.split("\n").filter((line) => line.startsWith(`| \`${name}\` |`)) : [toRow(result)];
  });
  writeFileSync(file, `${before}${begin}\n\n${[...head, ...rows].join("\n")}\n\n${end}${after}`);
}

function toRow({ name, found, seeds, steps, seen }: PlantResult<KernelPlantName>): string {
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
}

/** Without the command, which the guide explains. */
function toSaid(seen: string): string {
  return seen.replace(/ Play it again: .*$/, "");
}
