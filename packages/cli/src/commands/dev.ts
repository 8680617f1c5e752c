import { randomBytes } from "node:crypto";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describeDevelopment, developmentFacts } from "../development/describe-development.ts";
import { announceServer } from "../inspecting/running-server.ts";
import { developmentMasterKey } from "../master-key.ts";
import { listening } from "../development/listening.ts";
import { ModuleGraph } from "../development/module-graph.ts";
import { firstEvents } from "../development/open-simulation.ts";
import { Providers } from "../development/providers.ts";
import { reloadOnChange } from "../development/reload-on-change.ts";
import { tellAs } from "../development/tell.ts";
import { findConfig } from "../find-config.ts";
import { invalidOption, readPort, readWholeNumber, secretsIn } from "../read-option.ts";
import { untilStopped } from "../until-stopped.ts";

interface DevOptions {
  readonly config: string;
  readonly port: string;
  readonly data?: string;
  readonly simulate?: true;
  readonly events?: string;
  readonly seed: string;
  readonly json?: true;
}

const defaultEventsPerMinute = 6;
const graceMs = 2_000;

/**
 * `belay dev`: Belay on an embedded database, for development only. With `--simulate` every connection of the configuration is at a
 * simulator of its provider, and things happen there. When a file of the configuration changes, what runs is replaced; the database stays.
 */
export function devCommand(): Command {
  return new Command("dev")
    .description("Run Belay for development, on a database of its own that needs no installation. Not for data that matters.")
    .option("--config <file>", "the configuration", "belay.config.ts")
    .option("--port <number>", "where to listen on 127.0.0.1; 0 for any free one", "4000")
    .option("--data <folder>", "where to keep the data; otherwise it is gone at the end")
    .option("--simulate", "run the providers too: no account anywhere, nothing leaves this machine")
    .option(
      "--events <number>",
      `with --simulate: webhooks per minute after the first ${firstEvents}, 0 for none at all (default: ${defaultEventsPerMinute})`,
    )
    .option("--seed <number>", "with --simulate: another one draws other events", "1")
    .option("--json", "a line of JSON for what runs, and one for everything that happens")
    .addHelpText("after", "\nEnvironment: BELAY_ADMIN_TOKEN, the token of the admin API; drawn unless set.")
    .action(async (options: DevOptions) => {
      const port = readPort(options.port);
      const seed = readWholeNumber("--seed", options.seed, 0xffff_ffff);
      if (options.events !== undefined && !options.simulate)
        throw invalidOption("--events", "needs --simulate: only simulated providers send by themselves.");
      const perMinute = options.events === undefined ? defaultEventsPerMinute : readWholeNumber("--events", options.events, 6_000);
      const tell = tellAs(options.json);
      const root = findConfig(options.config);
      const { createLogger, loadConfig, startBelay } = await import("@belay/server");
      await using stack = new AsyncDisposableStack();
      const graph = stack.use(new ModuleGraph(root));
      const config = await loadConfig(graph.url);
      const { startProgress } = await import("@belay/testkit/report");
      const progress = stack.use(startProgress("Starting"));
      const providers =
        options.simulate && stack.use(await Providers.open(graph.url, config, { perMinute, seed, happened: tell.happened }));
      const adminToken = secretsIn(process.env["BELAY_ADMIN_TOKEN"])[0] ?? randomBytes(18).toString("base64url");
      const directory = options.data === undefined ? undefined : resolve(options.data);
      const { masterKey, madeAt } = developmentMasterKey(process.env, directory);
      progress.update("Belay and its database");
      const belay = await listening(port, () =>
        startBelay({
          config: providers?.simulation.configUrl ?? graph.url,
          database: { kind: "pglite", ...(directory !== undefined && { directory }) },
          http: { host: "127.0.0.1", port },
          adminToken,
          masterKey,
          logger: createLogger("warn"),
        }),
      );
      stack.defer(() => belay.close(graceMs));
      stack.use(announceServer({ url: belay.url, token: adminToken, config: root.href, ...(options.simulate && { simulatedSeed: seed }) }));
      progress.stop();
      const simulation = providers?.simulation;
      if (madeAt !== undefined)
        process.stderr.write(`The data is encrypted under a master key that was made now, in ${madeAt}: it belongs to the data.\n`);
      const development = { config, url: belay.url, adminToken, simulation, perMinute, data: options.data };
      tell.ready(developmentFacts(development), () => describeDevelopment(development));
      providers?.start(belay);
      stack.use(
        reloadOnChange({
          graph,
          folder: dirname(fileURLToPath(root)),
          load: loadConfig,
          apply: async (next, url) =>
            providers === undefined ? await belay.reload(url).then(() => undefined) : await providers.reload(belay, next, url),
          say: tell.happened,
        }),
      );
      await untilStopped();
      tell.stopping();
    });
}
