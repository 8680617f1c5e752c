import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type CommandOptions, printReport, startProgress } from "@belay/testkit";
import { Child } from "../crash/child.ts";
import { fullOutage, quickOutage, runOutage } from "./run-outage.ts";

/** `npm run chaos -- outage`: a provider that is away for an hour of moved clock. */
export async function outageCommand(options: CommandOptions, signal: AbortSignal): Promise<0 | 1> {
  const folder = join(new URL("../../../.tmp/", import.meta.url).pathname, `chaos-outage-${options.seed}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  using progress = startProgress(`outage, seed ${options.seed}`);
  const postgres = new Child({ entry: "postgres-process.ts", environment: {}, injected: false, log: join(folder, "postgres.log") });
  try {
    const report = await runOutage({
      seed: options.seed,
      scale: options.quick ? quickOutage : fullOutage,
      databaseUrl: await postgres.ready,
      signal,
      onProgress: (status) => progress.update(status),
    });
    progress.stop();
    return printReport(report, options);
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
