import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BelayError } from "@belay/sdk";
import type { ProxyCall } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { invalidOption } from "../read-option.ts";

interface ProxyOptions extends InspectingOptions {
  readonly header?: readonly string[];
  readonly data?: string;
  readonly include?: true;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** `belay proxy`: one call of a provider, as a tenant. The body goes to standard output as it comes, what is said about it to standard error. */
export function proxyCommand(): Command {
  return inspecting(new Command("proxy"))
    .description("Call a provider as a tenant: with the connection's credential, within its limits.")
    .argument("<connection>", "whose account it is")
    .argument("<method>", methods.join(", "))
    .argument("<path>", "below the connection's address, with the query: /api/v2/tickets?page=2")
    .option("--header <name: value...>", "sent with it, such as Idempotency-Key")
    .option("--data <text>", "the body; @file for a file's contents. JSON unless a header says otherwise")
    .option("--include", "show the answer's headers too")
    .action(async (connection: string, method: string, path: string, options: ProxyOptions) => {
      const call = readCall(method, path, options);
      await withServer(options, async ({ belay }) => {
        const answer = await belay.proxy(connection, call);
        await print(answer, options);
        if (!answer.ok) process.exitCode = 1;
      });
    });
}

function readCall(asked: string, path: string, { header = [], data }: ProxyOptions): ProxyCall {
  const method = methods.find((known) => known === asked.toUpperCase());
  if (method === undefined) throw invalidOption("<method>", `is one of ${methods.join(", ")}; this was "${asked}".`);
  const given = header.map((line) => {
    const [, name = "", value = ""] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === "") throw invalidOption("--header", `takes "name: value"; this was "${line}".`);
    return [name.toLowerCase(), value] as const;
  });
  const headers = { ...(data !== undefined && { "content-type": "application/json" }), ...Object.fromEntries(given) };
  return { method, path, headers, ...(data !== undefined && { body: readData(data) }) };
}

function readData(data: string): string | Uint8Array<ArrayBuffer> {
  if (!data.startsWith("@")) return data;
  try {
    return new Uint8Array(readFileSync(resolve(data.slice(1))));
  } catch (error) {
    throw new BelayError("CLI_OPTION_INVALID", `--data ${data}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function print(answer: Response, { json, include }: ProxyOptions): Promise<void> {
  const source = answer.headers.get("x-belay-source") ?? "belay";
  if (json === true) {
    const result = { status: answer.status, source, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const said = `${answer.status} from ${source === "provider" ? "the provider" : "Belay"}`;
  const lines = include === true ? [said, ...[...answer.headers].map(([name, value]) => `${name}: ${value}`)] : [said];
  process.stderr.write(`${lines.join("\n")}\n`);
  if (answer.body === null) return;
  const body: AsyncIterable<Uint8Array> = answer.body;
  for await (const chunk of body) if (!process.stdout.write(chunk)) await once(process.stdout, "drain");
  if (process.stdout.isTTY) process.stdout.write("\n");
}
