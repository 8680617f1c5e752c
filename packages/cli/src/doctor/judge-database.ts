import type { ApiInstallation } from "@belay/sdk/client";
import { type Finding, note, well, wrong } from "./finding.ts";

const oldestPostgres = 15;
const largestSkewMs = 2_000;
const fewestConnections = 20;

/** Judges a database by what it says of itself. */
export function judgeDatabase({ kind, version, migrations, settings, clockAheadMs, bytes }: ApiInstallation["database"]): Finding[] {
  const megabytes = `${Math.round(bytes / 1_000_000).toLocaleString("en")} MB`;
  if (kind === "pglite")
    return [
      note(
        "database",
        `embedded (PGlite ${version}), ${megabytes}`,
        "For development only: it does not write through to the disk. Production needs belay start with DATABASE_URL.",
      ),
    ];
  return [judgeVersion(version, megabytes), judgeMigrations(migrations), ...judgeSettings(settings), judgeSkew(clockAheadMs)];
}

function judgeVersion(version: string, megabytes: string): Finding {
  return Number.parseInt(version, 10) < oldestPostgres
    ? wrong("database", `PostgreSQL ${version}`, `Belay needs PostgreSQL ${oldestPostgres} or newer.`)
    : well("database", `PostgreSQL ${version}, ${megabytes}`);
}

function judgeMigrations({ applied, pending }: ApiInstallation["database"]["migrations"]): Finding {
  return pending.length === 0
    ? well("schema", `${applied.length} migrations, up to date`)
    : wrong("schema", `${pending.join(", ")} not applied`, "belay start applies them; start one process of this version.");
}

function judgeSettings(settings: Readonly<Record<string, string>>): Finding[] {
  const findings: Finding[] = [];
  if (settings["fsync"] === "off" || settings["full_page_writes"] === "off")
    findings.push(
      wrong(
        "durability",
        "fsync or full_page_writes is off",
        "Turn both on, or a power failure can lose and corrupt what was acknowledged.",
      ),
    );
  else if (settings["synchronous_commit"] === "off")
    findings.push(
      wrong("durability", "synchronous_commit is off", "Turn it on: an acknowledged event could be lost when the database crashes."),
    );
  else findings.push(well("durability", "fsync and synchronous_commit are on"));
  if (settings["autovacuum"] === "off")
    findings.push(wrong("autovacuum", "is off", "Turn it on: finished messages leave rows behind that only vacuum clears."));
  if (Number(settings["max_connections"]) < fewestConnections)
    findings.push(
      wrong(
        "connections",
        `at most ${settings["max_connections"]}`,
        `Set max_connections to ${fewestConnections} or more: every process of Belay uses up to 12.`,
      ),
    );
  if (settings["server_encoding"] !== undefined && settings["server_encoding"] !== "UTF8")
    findings.push(wrong("encoding", settings["server_encoding"], "Make the database with encoding UTF8: payloads are UTF-8."));
  return findings;
}

function judgeSkew(aheadMs: number): Finding {
  const found = `${Math.abs(aheadMs)} ms ${aheadMs >= 0 ? "ahead of" : "behind"} this process`;
  return Math.abs(aheadMs) > largestSkewMs
    ? wrong(
        "clock",
        `the database is ${found}`,
        "Run NTP on both machines: signatures with a time are refused, and leases end early, when clocks differ.",
      )
    : well("clock", `the database is ${found}`);
}
