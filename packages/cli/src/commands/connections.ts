import type { ApiConnection, ApiDisconnection } from "@belay/sdk/client";
import { Command } from "commander";
import { text } from "node:stream/consumers";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeConnection, describeConnections } from "../inspecting/describe-connections.ts";
import { printResult } from "../inspecting/print.ts";
import { takeFirst } from "../inspecting/read-query.ts";
import { invalidOption, readWholeNumber, secretsIn } from "../read-option.ts";

interface ListOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly limit: string;
}

/** `belay connections`: accounts of tenants, how they stand, and what a person can do about it. */
export function connectionsCommand(): Command {
  const command = new Command("connections").description(
    "Accounts of tenants at providers: how they stand, links to connect them, giving them up.",
  );
  command.addCommand(listCommand(), { isDefault: true });
  command.addCommand(showCommand());
  command.addCommand(linkCommand());
  command.addCommand(disconnectCommand());
  command.addCommand(webhookSecretsCommand());
  return command;
}

function listCommand(): Command {
  return inspecting(new Command("list"))
    .description("Connections and how they stand.")
    .option("--tenant <tenant>", "of this tenant only")
    .option("--limit <number>", "how many", "50")
    .action(async (options: ListOptions) => {
      const most = readWholeNumber("--limit", options.limit, 10_000);
      const found = await withServer(options, async ({ belay }) => await takeFirst<ApiConnection>(belay.connections(options.tenant), most));
      printResult(options.json, found, () => describeConnections(found));
    });
}

function showCommand(): Command {
  return inspecting(new Command("show"))
    .description("One connection: its state, when it ends, what it may do, who connected it.")
    .argument("<id>", "as belay connections shows it")
    .action(async (id: string, options: InspectingOptions) => {
      const connection = await withServer(options, async ({ belay }) => await belay.connection(id));
      printResult(options.json, connection, () => describeConnection(connection));
    });
}

interface LinkOptions extends InspectingOptions {
  readonly tenant: string;
  readonly connector: string;
  readonly connection?: string;
  readonly return?: string;
}

function linkCommand(): Command {
  return inspecting(new Command("link"))
    .description("Make a link by which somebody connects an account, once, within half an hour.")
    .requiredOption("--tenant <tenant>", "whose account it is")
    .requiredOption("--connector <id>", "which provider")
    .option("--connection <id>", "reconnect this one; default: a new connection")
    .option("--return <url>", "where the browser goes afterwards; default: it stays at a page that can be closed")
    .action(async (options: LinkOptions) => {
      const { tenant, connector, connection } = options;
      const session = await withServer(
        options,
        async ({ belay }) =>
          await belay.connectSession({
            tenant,
            connector,
            ...(connection !== undefined && { connection }),
            ...(options.return !== undefined && { returnUrl: options.return }),
          }),
      );
      printResult(
        options.json,
        session,
        () => `${session.url}\n\nGood for one connection, until ${session.expiresAt}. Give it only to the person it is for.`,
      );
    });
}

const revocations: Readonly<Record<ApiDisconnection["revocation"], string>> = {
  revoked: "The provider has been told and refuses the credential from now on.",
  unsupported: "The provider has no way to be told; whoever owns the account can end the access there.",
  pending: "The provider did not take it yet; it is told again every five minutes, for a day.",
  none: "There was no credential any more.",
};

function disconnectCommand(): Command {
  return inspecting(new Command("disconnect"))
    .description("Give an account up: shred its credential and tell the provider. What waits for it goes on when it is connected again.")
    .argument("<id>", "as belay connections shows it")
    .action(async (id: string, options: InspectingOptions) => {
      const done = await withServer(options, async ({ belay }) => await belay.disconnect(id));
      printResult(options.json, done, () => `Disconnected. ${revocations[done.revocation]}`);
    });
}

function webhookSecretsCommand(): Command {
  return inspecting(new Command("webhook-secrets"))
    .description(
      "Replace the secrets of a connection's webhooks by those on standard input, one a line: the new and the old one while you rotate.",
    )
    .argument("<id>", "as belay connections shows it")
    .action(async (id: string, options: InspectingOptions) => {
      // Not as an argument: the list of processes and the shell's history show those.
      const secrets = secretsIn(await text(process.stdin));
      if (secrets.length === 0)
        throw invalidOption("standard input", "must hold the secrets, one a line; without any no webhook would be believed.");
      await withServer(options, async ({ belay }) => await belay.setWebhookSecrets(id, secrets));
      printResult(
        options.json,
        { id, secrets: secrets.length },
        () =>
          `Webhooks of ${id} are believed with ${secrets.length === 1 ? "this secret" : `any of these ${secrets.length} secrets`}, everywhere within a second.`,
      );
    });
}
