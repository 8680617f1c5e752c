import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Secret } from "@belay/sdk";
import type { Config, ConnectorDefinition } from "@belay/sdk";
import type { Simulator } from "@belay/testkit";
import { Command } from "commander";
import { describeAttempt, describeRequest } from "../development/describe-happening.ts";
import { describeSimulator, simulatorFacts } from "../development/describe-simulator.ts";
import type { OpenAccount } from "../development/describe-simulator.ts";
import { findConnector } from "../development/find-connector.ts";
import { timed } from "../development/timed.ts";
import { listening } from "../development/listening.ts";
import { invalidOption, readPort, readWholeNumber } from "../read-option.ts";
import { untilStopped } from "../until-stopped.ts";

interface SimulateOptions {
  readonly config: string;
  readonly port: string;
  readonly accounts: string;
  readonly seed: string;
  readonly records: string;
  readonly webhooksTo?: string;
  readonly webhookSecret?: string;
  readonly json?: true;
}

const mostSeed = 0xffff_ffff;

/** `belay simulate`: serves a provider from its connector until SIGTERM or SIGINT, with what happens to it as lines. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description("Serve a provider on this machine, made from its connector: its routes, its limits, its errors, its webhooks.")
    .argument("<connector>", "its folder or file, the id of one in the configuration, or a package")
    .option("--config <file>", "where to look for a connector by its id", "belay.config.ts")
    .option("--port <number>", "where to listen on 127.0.0.1; 0 for any free one", "4100")
    .option("--accounts <list>", "the customers' accounts at the provider", "acme")
    .option("--seed <number>", "another one draws other credentials, events and faults", "1")
    .option("--records <number>", "how many records of each resource there are from the beginning", "0")
    .option("--webhooks-to <url>", "where its webhooks go from the beginning")
    .option("--webhook-secret <secret>", "what they are signed with; drawn from the seed unless given")
    .option("--json", "say what is served as one line of JSON; what happens goes to standard error")
    .addHelpText(
      "after",
      "\nExamples:\n  belay simulate ./connectors/zendesk\n  belay simulate github --webhooks-to http://127.0.0.1:4000/in/my-endpoint",
    )
    .action(async (name: string, options: SimulateOptions) => {
      const port = readPort(options.port);
      const seed = readWholeNumber("--seed", options.seed, mostSeed);
      const records = readWholeNumber("--records", options.records, 100_000);
      const names = readAccounts(options.accounts);
      if (options.webhooksTo !== undefined && !URL.canParse(options.webhooksTo))
        throw invalidOption(
          "--webhooks-to",
          `takes a whole URL such as http://127.0.0.1:4000/in/my-endpoint; this was "${options.webhooksTo}".`,
        );
      const connector = await findConnector(name, { folder: process.cwd(), config: () => configAt(options.config) });
      const accounts = await openAccounts(connector, names, seed, options.webhookSecret);
      const log = (line: string | undefined): void => {
        if (line !== undefined) (options.json ? process.stderr : process.stdout).write(timed(line));
      };
      const { placeIn } = await import("@belay/testkit");
      await using simulator = await start(connector, accounts, { port, seed, records, to: options.webhooksTo }, log);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(simulatorFacts(connector, simulator, accounts))}\n`
          : `${describeSimulator(connector, simulator, accounts, { webhooksTo: options.webhooksTo, placeIn })}\nWhat happens:\n`,
      );
      await untilStopped();
    });
}

async function start(
  connector: ConnectorDefinition,
  accounts: readonly OpenAccount[],
  { port, seed, records, to }: { readonly port: number; readonly seed: number; readonly records: number; readonly to: string | undefined },
  log: (line: string | undefined) => void,
): Promise<Simulator> {
  const { simulate } = await import("@belay/testkit");
  const simulator = await listening(port, () =>
    simulate(connector, {
      port,
      seed,
      control: true,
      records: Object.fromEntries(fillable(connector).map((resource) => [resource, records])),
      accounts: Object.fromEntries(
        accounts.map(({ name, credential }) => [
          name,
          Object.fromEntries(Object.entries(credential).map(([field, value]): [string, Secret] => [field, new Secret(value)])),
        ]),
      ),
      onRequest: (entry) =>
        log(describeRequest(connector, entry) ?? `${connector.id} ← ${entry.account}  ${entry.method} ${entry.path}  answered`),
      webhooks: { onAttempt: (delivery, attempt) => log(describeAttempt(connector, delivery, attempt)) },
    }),
  );
  for (const { name, webhookSecret } of accounts) {
    if (to !== undefined && webhookSecret !== undefined) simulator.webhooks.subscribe(name, { url: to, secret: new Secret(webhookSecret) });
  }
  return simulator;
}

/** What lives within another record cannot be there before it. */
function fillable({ resources }: ConnectorDefinition): readonly string[] {
  const paths = Object.values(resources).map(({ path }) => path);
  return Object.entries(resources)
    .filter(([, { path, create }]) => create !== undefined && !paths.some((other) => path.startsWith(`${other}/{`)))
    .map(([name]) => name);
}

async function openAccounts(
  connector: ConnectorDefinition,
  names: readonly string[],
  seed: number,
  webhookSecret: string | undefined,
): Promise<readonly OpenAccount[]> {
  const { drawCredential, drawWebhookSecret, seededRandom, seedFor } = await import("@belay/testkit");
  return names.map((name) => {
    const random = seededRandom(seedFor(seed, `${connector.id}/${name}/credential`));
    const credential = drawCredential(connector.auth, name, random);
    const drawn = drawWebhookSecret(random);
    return { name, credential, webhookSecret: connector.webhooks && (webhookSecret ?? drawn) };
  });
}

function readAccounts(list: string): readonly string[] {
  const names = list.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !/^[a-z0-9][a-z0-9-]{0,39}$/.test(name));
  if (wrong !== undefined)
    throw invalidOption("--accounts", `takes names of lower-case letters, digits and dashes, parted by commas; this was "${wrong}".`);
  return [...new Set(names)];
}

/** The configuration, where there is one that can be read. One that cannot is no obstacle to a connector that is found elsewhere. */
async function configAt(file: string): Promise<Config | undefined> {
  const path = resolve(file);
  if (!existsSync(path)) return undefined;
  const { loadConfig } = await import("@belay/server");
  try {
    return await loadConfig(pathToFileURL(path).href);
  } catch (error) {
    process.stderr.write(`${file} is left out of the search: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}
