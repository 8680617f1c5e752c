import { type CommandOptions, printReport, startProgress } from "@belay/testkit";
import { isPlant, plants } from "../crash/plants.ts";
import { runWorkers } from "./run-workers.ts";
import { fullWorkers, quickWorkers } from "./scale.ts";

/** `npm run chaos -- workers`: workers that come and go under load. */
export async function workersCommand(options: CommandOptions & { readonly plant?: string }, signal: AbortSignal): Promise<0 | 1> {
  const { seed, quick, keep, plant = "" } = options;
  if (plant !== "" && !isPlant(plant)) {
    console.error(`There is no bug "${plant}" to plant. Known: ${Object.keys(plants).join(", ")}.`);
    return 1;
  }
  using progress = startProgress(`workers, seed ${seed}${plant === "" ? "" : `, with the bug ${plant}`}`);
  const scale = quick ? quickWorkers : fullWorkers;
  const report = await runWorkers({ seed, scale, plant, keep, signal, onProgress: (status) => progress.update(status) });
  progress.stop();
  if (report.keptAt !== undefined) console.error(`The logs are kept in ${report.keptAt}`);
  return printReport(report, options);
}
