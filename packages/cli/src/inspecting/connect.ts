import { BelayError, isBelayError } from "@belay/sdk";
import type { BelayClient } from "@belay/sdk/client";
import type { Command } from "commander";
import { secretsIn } from "../read-option.ts";
import { findRunningServer, type RunningServer } from "./running-server.ts";

/** What every command takes that looks into a running server. */
export interface InspectingOptions {
  readonly url?: string;
  readonly token?: string;
  readonly json?: true;
}

/** Adds the options of `InspectingOptions`. */
export function inspecting(command: Command): Command {
  return command
    .option("--url <url>", "the server; default: BELAY_URL, or the belay dev that runs in this folder")
    .option("--token <token>", "an API key or the admin token; default: BELAY_ADMIN_TOKEN, or that of belay dev")
    .option("--json", "the result as one line of JSON");
}

export interface Connected {
  readonly belay: BelayClient;
  readonly url: string;
  /** What `belay dev` says of itself, where it is the server. */
  readonly running: RunningServer | undefined;
}

const howToStart = "Start one with belay dev in this folder, or name one with --url and --token (BELAY_URL, BELAY_ADMIN_TOKEN).";

/** Finds the server: by option, by environment, or by the note of `belay dev`. @throws `CLI_SERVER_UNKNOWN`. */
export async function connect({ url, token }: InspectingOptions): Promise<Connected> {
  const running = findRunningServer();
  const address = url ?? process.env["BELAY_URL"] ?? running?.url;
  if (address === undefined) throw new BelayError("CLI_SERVER_UNKNOWN", `No server is known here. ${howToStart}`);
  if (!URL.canParse(address))
    throw new BelayError("CLI_OPTION_INVALID", `--url takes an address such as http://127.0.0.1:4000; this was "${address}".`);
  const own = running !== undefined && address.replace(/\/+$/, "") === running.url ? running : undefined;
  const key = token ?? own?.token ?? secretsIn(process.env["BELAY_ADMIN_TOKEN"])[0];
  if (key === undefined)
    throw new BelayError("CLI_SERVER_UNKNOWN", `The token of ${address} is not known: give --token or set BELAY_ADMIN_TOKEN.`);
  const { createBelayClient } = await import("@belay/sdk/client");
  return { belay: createBelayClient({ url: address, token: key }), url: address.replace(/\/+$/, ""), running: own };
}

/** Does the work and says in a person's words what stood in its way. @throws `CLI_SERVER_SILENT`, and whatever the work throws else. */
export async function withServer<Result>(options: InspectingOptions, work: (connected: Connected) => Promise<Result>): Promise<Result> {
  const connected = await connect(options);
  try {
    return await work(connected);
  } catch (error) {
    if (!isBelayError(error)) throw error;
    if (error.code === "API_UNREACHABLE")
      throw new BelayError(
        "CLI_SERVER_SILENT",
        `Nothing answers at ${connected.url}: ${error.message.split(": ").at(-1) ?? ""} ${howToStart}`,
        { cause: error },
      );
    if (error.code === "API_UNAUTHORIZED")
      throw new BelayError(
        "API_UNAUTHORIZED",
        `${connected.url} does not take this token: give the server's BELAY_ADMIN_TOKEN, or an API key that works, by --token.`,
        { cause: error },
      );
    throw error;
  }
}
