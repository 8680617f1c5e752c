import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ConditionName, PlantName } from "../crash/plants.ts";

/** A run of the demo with something wrong in the product, or with bad luck only. */
interface Trial {
  readonly name: string;
  readonly plant?: PlantName;
  readonly condition?: ConditionName;
  /** Whether the demo has to notice. */
  readonly notices: boolean;
}

export const trials: readonly Trial[] = [
  { name: "failing commits only", condition: "failing-commits", notices: false },
  { name: "acknowledge before the commit", plant: "early-acknowledgement", condition: "failing-commits", notices: true },
  { name: "skip the idempotency key", plant: "skip-idempotency-key", notices: true },
  { name: "ignore the order key", plant: "ignore-order-key", notices: true },
];

export interface TrialResult {
  readonly name: string;
  readonly asExpected: boolean;
  /** What the demo said. */
  readonly seen: string;
}

const longestMs = 240_000;

/** Runs the demo at full size once per trial and sees whether it ends as it must. */
export async function runDemoPlanted(
  seed: number,
  onProgress: (status: string) => void,
  onResult: (result: TrialResult) => void,
): Promise<TrialResult[]> {
  const results: TrialResult[] = [];
  for (const trial of trials) {
    onProgress(trial.name);
    const { code, output } = await runDemo(trial, seed);
    const seen = describe(output);
    const result = { name: trial.name, asExpected: code === (trial.notices ? 1 : 0) && seen !== "", seen };
    results.push(result);
    onResult(result);
  }
  return results;
}

async function runDemo(
  { plant = "", condition = "" }: { readonly plant?: string; readonly condition?: string },
  seed: number,
): Promise<{ code: number | null; output: string }> {
  const url = (path: string): string => new URL(path, import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ["--import", url("../inject.ts"), url("../../../examples/demo/main.ts"), "--json", "--seed", String(seed)],
    {
      env: { ...process.env, CHAOS_PLANT: plant, CHAOS_CONDITION: condition },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const tooLong = setTimeout(() => child.kill("SIGKILL"), longestMs);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "exit")) as [number | null];
  clearTimeout(tooLong);
  return { code, output };
}

function describe(output: string): string {
  try {
    const { figures } = JSON.parse(output.trim().split("\n").at(-1) ?? "") as { figures: Record<string, number> };
    return ["lost", "doubled", "outOfOrder"].map((name) => `${name} ${figures[name]}`).join(", ");
  } catch {
    return "";
  }
}
