import { Command } from "commander";
import { alignColumns } from "../development/table.ts";
import type { Finding } from "../doctor/finding.ts";
import { lookAtDatabase } from "../doctor/look-at-database.ts";
import { lookAtServer } from "../doctor/look-at-server.ts";
import { lookAtConfig, lookAtDisk, lookAtNode } from "../doctor/look-locally.ts";
import { inspecting, type InspectingOptions } from "../inspecting/connect.ts";
import { progressWhenSlow } from "../inspecting/late-progress.ts";
import { printResult } from "../inspecting/print.ts";
import { findRunningServer } from "../inspecting/running-server.ts";

interface DoctorOptions extends InspectingOptions {
  readonly config?: string;
}

/** `belay doctor`: what is wrong with this installation and how to mend it. Ends with 1 when something is wrong. */
export function doctorCommand(): Command {
  return inspecting(new Command("doctor"))
    .description("What is wrong with this installation, and how to mend it. Changes nothing.")
    .option("--config <file>", "the configuration; default: that of belay dev, or belay.config.ts")
    .addHelpText("after", "\nEnvironment: DATABASE_URL, the Postgres of belay start, which is looked at also when no server runs.")
    .action(async (options: DoctorOptions) => {
      using progress = progressWhenSlow("Looking");
      const running = findRunningServer();
      const configFile = options.config ?? (running === undefined ? "belay.config.ts" : new URL(running.config).pathname);
      const findings: Finding[] = [lookAtNode(), lookAtDisk()];
      progress.update("at the configuration");
      findings.push(...(await lookAtConfig(configFile, running?.simulatedSeed !== undefined)));
      const databaseUrl = process.env["DATABASE_URL"];
      progress.update("at the database");
      if (databaseUrl !== undefined) findings.push(...(await lookAtDatabase(databaseUrl)));
      progress.update("at the server");
      findings.push(...(await lookAtServer(options)));
      progress.stop();
      const ok = !findings.some(({ verdict }) => verdict === "wrong");
      printResult(options.json, { ok, findings }, () => describe(ok, findings));
      if (!ok) process.exitCode = 1;
    });
}

const marks = { well: "ok", note: "note", wrong: "WRONG" } as const satisfies Record<Finding["verdict"], string>;

function describe(ok: boolean, findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ what, verdict, found, remedy }) => [
    [marks[verdict], what, found],
    ...(remedy === undefined ? [] : [["", "", `→ ${remedy}`]]),
  ]);
  const count = findings.filter(({ verdict }) => verdict === "wrong").length;
  return `${alignColumns(rows, "")}\n\n${ok ? "Nothing is wrong." : `${count} ${count === 1 ? "thing is" : "things are"} wrong.`}`;
}
