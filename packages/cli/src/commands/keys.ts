import { Command } from "commander";
import { newMasterKey, readMasterKey } from "../master-key.ts";
import { invalidOption, readDatabaseUrl, readWholeNumber } from "../read-option.ts";
import type { KeyManagement } from "@belay/server";

interface Shown {
  readonly json?: true;
}

const environmentHelp =
  "\nEnvironment: DATABASE_URL, the Postgres; BELAY_MASTER_KEY or BELAY_MASTER_KEY_FILE, the master keys, the first of which wraps.";

/** `belay keys`: the keys that everything stored is encrypted under. They work on the database itself, also while processes run on it. */
export function keysCommand(): Command {
  const command = new Command("keys").description("Make, rotate and destroy the keys that stored contents are encrypted under.");
  command
    .command("new-master")
    .description("Print a new master key for BELAY_MASTER_KEY. It is kept nowhere: keep it yourself.")
    .action(() => void process.stdout.write(`${newMasterKey()}\n`));
  command
    .command("status")
    .description("Which master keys are still needed, and how old the tenants' keys are.")
    .option("--json", "say it as one line of JSON")
    .addHelpText("after", environmentHelp)
    .action(async ({ json }: Shown) => {
      const status = await manage((keys) => keys.status());
      say(json, status, describeStatus(status));
    });
  command
    .command("rotate-master")
    .description("Wrap all keys with the first master key, so that the others are no longer needed. Safe to stop and to run again.")
    .option("--json", "say what was done as one line of JSON")
    .addHelpText("after", environmentHelp)
    .action(async ({ json }: Shown) => {
      const rewrapped = await manage((keys) => keys.rotateMaster(tellProgress("keys wrapped anew")));
      say(json, { rewrapped }, `${count(rewrapped, "key")} wrapped with the first master key; the others are no longer needed.`);
    });
  command
    .command("rotate")
    .description("Give every tenant a new key for what is stored from now on; what was stored before stays readable.")
    .option("--older-than-days <number>", "only where the newest key is that old", "0")
    .option("--json", "say what was done as one line of JSON")
    .addHelpText("after", environmentHelp)
    .action(async ({ json, olderThanDays }: Shown & { readonly olderThanDays: string }) => {
      const days = readWholeNumber("--older-than-days", olderThanDays, 36_500);
      const rotated = await manage((keys) => keys.rotateData(days, tellProgress("tenants got a new key")));
      say(json, { rotated }, `${count(rotated, "tenant")} got a new key.`);
    });
  command
    .command("destroy <tenant>")
    .description("Destroy the keys of a tenant: what is stored of it can never be read again.")
    .option("--for-ever", "yes, this cannot be undone")
    .option("--json", "say what was done as one line of JSON")
    .addHelpText("after", environmentHelp)
    .action(async (tenant: string, { json, forEver }: Shown & { readonly forEver?: true }) => {
      if (!forEver)
        throw invalidOption("--for-ever", `must be given: nothing that is stored of tenant "${tenant}" can be read after this.`);
      const destroyed = await manage((keys) => keys.destroy(tenant));
      say(json, { destroyed }, `${count(destroyed, "key")} of tenant "${tenant}" destroyed.`);
    });
  return command;
}

async function manage<Result>(work: (keys: KeyManagement) => Promise<Result>): Promise<Result> {
  const url = readDatabaseUrl(process.env);
  const masterKey = readMasterKey(process.env);
  const { manageKeys } = await import("@belay/server");
  await using keys = await manageKeys({ kind: "postgres", url }, masterKey);
  return await work(keys);
}

const tellEveryMs = 1_000;

/** On standard error, and only of what takes a while. */
function tellProgress(what: string): (done: number) => void {
  let toldAt = performance.now();
  return (done) => {
    if (performance.now() - toldAt < tellEveryMs) return;
    toldAt = performance.now();
    process.stderr.write(`${done} ${what} …\n`);
  };
}

function describeStatus({ current, masterKeys, oldestDataKeyAt }: Awaited<ReturnType<KeyManagement["status"]>>): string {
  const lines = masterKeys.map(
    ({ masterKey, keys, tenants }) =>
      `Master key ${masterKey} wraps ${count(keys, "key")} of ${count(tenants, "tenant")}${masterKey === current ? "; it is the first one given, which wraps" : ""}.`,
  );
  const others = masterKeys.filter(({ masterKey }) => masterKey !== current);
  const verdict =
    others.length === 0
      ? `Only ${current} is needed: the others may be taken away.`
      : `${others.map(({ masterKey }) => masterKey).join(", ")} ${others.length === 1 ? "is" : "are"} still needed: run belay keys rotate-master.`;
  const age =
    oldestDataKeyAt === null ? "There are no keys of tenants yet." : `The oldest tenant's key in use was made at ${oldestDataKeyAt}.`;
  return [...lines, verdict, age].join("\n");
}

function say(json: true | undefined, facts: object, sentence: string): void {
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : `${sentence}\n`);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
