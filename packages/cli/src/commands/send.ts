import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BelayError } from "@belay/sdk";
import type { ApiMessage, BelayClient } from "@belay/sdk/client";
import type { Sample } from "@belay/testkit";
import { Command } from "commander";
import { findConfig } from "../find-config.ts";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { printResult } from "../inspecting/print.ts";
import { invalidOption } from "../read-option.ts";

interface SendOptions extends InspectingOptions {
  readonly config?: string;
  readonly file?: string;
  readonly example?: true;
}

/** `belay send`: one event as the provider would send it, signed, through the ingest. */
export function sendCommand(): Command {
  return inspecting(new Command("send"))
    .description("Send an event as the provider would: made up from the connector's declaration, signed with the connection's secret.")
    .argument("<connection>", "whose webhook it is")
    .argument("<event type>", "as the connector declares it")
    .option("--file <file>", "send this JSON as it is")
    .option("--example", "send the connector's example as it is; a second time it may be a duplicate")
    .option("--config <file>", "the configuration; default: that of belay dev, or belay.config.ts")
    .action(async (connection: string, type: string, options: SendOptions) => {
      if (options.file !== undefined && options.example) throw invalidOption("--file", "and --example do not go together.");
      const payload = options.file === undefined ? options.example && ("example" as const) : readPayload(options.file);
      await withServer(options, async ({ belay, url, running }) => {
        const [{ loadConfig }, { sendSample }] = await Promise.all([import("@belay/server"), import("@belay/testkit")]);
        const configUrl =
          options.config === undefined && running !== undefined ? running.config : findConfig(options.config ?? "belay.config.ts").href;
        const config = await loadConfig(configUrl);
        const sample = await sendSample({
          config,
          connection,
          type,
          url,
          simulatedSeed: running?.simulatedSeed,
          ...(payload && { payload }),
        }).catch((error: unknown) => {
          throw error instanceof TypeError ? new BelayError("CLI_SAMPLE_IMPOSSIBLE", error.message, { cause: error }) : error;
        });
        const answer = readAnswer(sample);
        const tenant = config.connections.find(({ id }) => id === connection)?.tenant;
        const messages = answer.outcome === "ignored" ? [] : await findMessages(belay, sample.event.id, tenant);
        const result = { ...answer, event: sample.event.id, messages: messages.map(({ id, flow, state }) => ({ id, flow, state })) };
        printResult(options.json, result, () => describe(type, connection, result));
      });
    });
}

interface Outcome {
  readonly outcome: string;
  readonly reason?: string;
}

interface Sent extends Outcome {
  readonly event: string;
  readonly messages: readonly Pick<ApiMessage, "id" | "flow" | "state">[];
}

function readPayload(file: string): { readonly [name: string]: unknown } {
  let payload: unknown;
  try {
    payload = JSON.parse(readFileSync(resolve(file), "utf8"));
  } catch (error) {
    throw new BelayError("CLI_OPTION_INVALID", `--file ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (typeof payload !== "object" || payload === null || Array.isArray(payload))
    throw invalidOption("--file", `must hold a JSON object; ${file} does not.`);
  return { ...payload };
}

/** @throws `CLI_SAMPLE_IMPOSSIBLE` where Belay refused the event, `API_UNREACHABLE` where nobody answered. */
function readAnswer({ attempt }: Sample): Outcome {
  if (attempt.outcome === "no-answer") throw new BelayError("API_UNREACHABLE", attempt.why, { retry: "backoff" });
  if (attempt.outcome === "dropped") throw new TypeError("A sample is never dropped.");
  const body = parse(attempt.answer);
  const text = (name: string): string | undefined => {
    const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  const [outcome, reason] = [text("outcome"), text("reason")];
  if (attempt.outcome === "refused" || outcome === undefined)
    throw new BelayError(
      "CLI_SAMPLE_IMPOSSIBLE",
      `Belay refused it with ${attempt.status} ${text("code") ?? ""}: ${text("detail") ?? attempt.answer}`,
    );
  return { outcome, ...(reason !== undefined && { reason }) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the status says enough
  }
}

/** The messages that an event has become; it was on disk before its sender had an answer. */
async function findMessages(belay: BelayClient, eventKey: string, tenant: string | undefined): Promise<ApiMessage[]> {
  const found: ApiMessage[] = [];
  let seen = 0;
  for await (const message of belay.messages(tenant === undefined ? {} : { tenant })) {
    if (message.eventKey === eventKey) found.push(message);
    if ((seen += 1) === 200) break;
  }
  return found;
}

function describe(type: string, connection: string, { outcome, reason, event, messages }: Sent): string {
  const known: Readonly<Record<string, string>> = {
    accepted: "was accepted",
    duplicate: "is known already: nothing happens again",
    quarantined: "was set aside as a dead letter, because it does not fit its schema",
    ignored: `was ignored. ${reason ?? ""}`.trim(),
  };
  const follow = messages.map(({ id, flow, state }) => `  ${flow}: message ${id}, ${state}; follow it with: belay show ${id}`);
  return [`${type} ${event} of ${connection} ${known[outcome] ?? outcome}${outcome === "ignored" ? "" : "."}`, ...follow].join("\n");
}
