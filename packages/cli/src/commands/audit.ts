import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { AuditEntry, AuditHead } from "@belay/server";
import { BelayError } from "@belay/sdk";
import type { AuditQuery, BelayClient } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { printResult } from "../inspecting/print.ts";
import { readSince } from "../inspecting/read-query.ts";
import { invalidOption } from "../read-option.ts";

interface ExportOptions extends InspectingOptions {
  readonly from?: string;
  readonly to?: string;
}

interface VerifyOptions extends InspectingOptions {
  readonly file?: string;
  readonly head?: string;
}

/** `belay audit`: who did what, as evidence. */
export function auditCommand(): Command {
  const command = new Command("audit").description("Who did what: export the audit log, and check that nobody has tampered with it.");
  command.addCommand(exportCommand());
  command.addCommand(verifyCommand());
  return command;
}

function exportCommand(): Command {
  return inspecting(new Command("export"))
    .description("Print the log as NDJSON, an entry a line with its hashes: belay audit verify --file checks it without a server.")
    .option("--from <when>", "from so long ago (3d), or from a time")
    .option("--to <when>", "until so long ago, or until a time")
    .action(async ({ from, to, ...options }: ExportOptions) => {
      const query = { ...(from !== undefined && { from: readSince(from) }), ...(to !== undefined && { to: readSince(to) }) };
      let last: AuditEntry | undefined;
      await withServer(options, async ({ belay }) => {
        for await (const entry of entriesOf(belay, query)) {
          process.stdout.write(`${JSON.stringify(entry)}\n`);
          last = entry;
        }
      });
      // On standard error: what is printed goes into a file as it is.
      if (last !== undefined) process.stderr.write(`Head: ${last.number}:${last.hash}\n`);
    });
}

function verifyCommand(): Command {
  return inspecting(new Command("verify"))
    .description("Check the chain of the log and name the first entry that is broken. Exit code 1 if one is.")
    .option("--file <file>", "an export, instead of the running server's log")
    .option("--head <number:hash>", "the head of an earlier export or check: shows whether the end was cut off or written anew")
    .action(async (options: VerifyOptions) => {
      const head = options.head === undefined ? undefined : readHead(options.head);
      const { file } = options;
      // Only now: other commands shall not wait for the server to be loaded.
      const { ChainCheck } = await import("@belay/server");
      const check = new ChainCheck(head);
      let entries = 0;
      const checkEach = async (all: AsyncIterable<AuditEntry>): Promise<void> => {
        for await (const entry of all) {
          entries += 1;
          if (check.add(entry) !== undefined) return;
        }
      };
      if (file === undefined) await withServer(options, async ({ belay }) => await checkEach(entriesOf(belay, {})));
      else await checkEach(readFile(file));
      const broken = check.end() ?? null;
      const end = check.head === undefined ? "nothing" : `${check.head.number}:${check.head.hash}`;
      printResult(options.json, { ok: broken === null, entries, head: check.head ?? null, broken }, () =>
        broken === null
          ? `${entries} entries are as they were written. Keep the head elsewhere, for the next check: --head ${end}`
          : `Broken (${broken.kind}): ${broken.what}`,
      );
      if (broken !== null) process.exitCode = 1;
    });
}

async function* entriesOf(belay: BelayClient, query: AuditQuery): AsyncGenerator<AuditEntry, void, undefined> {
  for (let after: string | undefined; ;) {
    const page = await belay.audit({ ...query, ...(after !== undefined && { after }) });
    if (page.items.length === 0) return;
    for (const { from: _from, ...entry } of page.items) yield entry;
    after = page.next;
  }
}

async function* readFile(file: string): AsyncGenerator<AuditEntry, void, undefined> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    if (line !== "") yield readEntry(line, `${file}:${number}`);
  }
}

/** What else stands in a line is caught by its hash. */
function readEntry(line: string, place: string): AuditEntry {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null && "number" in entry && typeof entry.number === "number" && "hash" in entry)
      return entry as AuditEntry;
  } catch (cause) {
    throw new BelayError("CLI_OPTION_INVALID", `--file: ${place} is no JSON.`, { cause });
  }
  throw invalidOption("--file", `takes what belay audit export printed; ${place} is no entry.`);
}

function readHead(text: string): AuditHead {
  const [, number, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number === undefined || hash === undefined) throw invalidOption("--head", "takes number:hash, as export and verify print it.");
  return { number: Number(number), hash };
}
