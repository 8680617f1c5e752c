import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { BelayOptions, Role } from "@belay/server";
import { Command } from "commander";
import { readMasterKey } from "../master-key.ts";
import { readReturnOrigins } from "../return-origins.ts";
import { readSignIn } from "../read-sign-in.ts";
import { readTrustedProxies } from "../trusted-proxies.ts";
import { invalidOption, readDatabaseUrl, readPort, secretsIn } from "../read-option.ts";
import { untilStopped } from "../until-stopped.ts";

const roles: readonly Role[] = ["ingest", "worker", "web"];
const levels = ["debug", "info", "warn", "error"] as const;

interface StartOptions {
  readonly config: string;
  readonly roles: string;
  readonly host: string;
  readonly port: string;
  readonly grace: string;
  readonly log: string;
}

/**
 * `belay start`: runs until SIGTERM or SIGINT, then drains: no new requests, no new work, what runs may end within `--grace` seconds, mailboxes handed back.
 * A second signal ends it at once; then the leases run out by themselves.
 */
export function startCommand(): Command {
  return new Command("start")
    .description("Run Belay on Postgres. Start as many as you like, each with the roles you want.")
    .option("--config <file>", "the configuration", "belay.config.ts")
    .option("--roles <list>", "what this process does, of ingest, worker, web", roles.join(","))
    .option("--host <address>", "where to listen", "127.0.0.1")
    .option("--port <number>", "where to listen", "4000")
    .option("--grace <seconds>", "how long running work may take to end at a stop", "20")
    .option("--log <level>", `how much to log, of ${levels.join(", ")}`, "info")
    .addHelpText(
      "after",
      "\nEnvironment: DATABASE_URL, the Postgres to use; BELAY_ADMIN_TOKEN, the first way into the API;\nBELAY_MASTER_KEY or BELAY_MASTER_KEY_FILE, what stored contents are encrypted under;\nBELAY_PUBLIC_URL, where browsers reach it; BELAY_RETURN_ORIGINS, where the connect page may send them back;\nBELAY_TRUSTED_PROXIES, the proxies in front of it; BELAY_OIDC_ISSUER, BELAY_OIDC_CLIENT_ID, BELAY_OIDC_CLIENT_SECRET and BELAY_OIDC_ROLES,\nwhom operators sign in by;\nOTEL_EXPORTER_OTLP_ENDPOINT and SENTRY_DSN, where telemetry goes, if anywhere.",
    )
    .action(async (options: StartOptions) => {
      const { belayOptions, graceMs, level } = readOptions(options, process.env);
      // Only now: other commands shall not wait for the server to be loaded.
      const { createLogger, startBelay } = await import("@belay/server");
      const logger = createLogger(level);
      const belay = await startBelay({ ...belayOptions, logger });
      logger.info({ url: belay.url, roles: belayOptions.roles }, "Belay runs.");
      const setUpPath = await belay.setUpPath();
      // Not into the log, which others read too.
      if (setUpPath !== undefined)
        process.stderr.write(`Make the first administrator, once: ${belayOptions.publicUrl ?? belay.url}${setUpPath}\n`);
      const signal = await untilStopped();
      logger.info({ signal, graceMs }, "Belay stops; work that runs may end.");
      await belay.close(graceMs);
      logger.info({}, "Belay has stopped.");
      // Connections that a flow's own code left open would keep the process alive.
      process.exit(0);
    });
}

/** @throws `CLI_OPTION_INVALID` naming the option and what to write instead. */
export function readOptions(
  options: StartOptions,
  environment: Readonly<Record<string, string | undefined>>,
): { belayOptions: BelayOptions & Required<Pick<BelayOptions, "roles">>; graceMs: number; level: (typeof levels)[number] } {
  const chosen = options.roles.split(",").map((role) => roles.find((known) => known === role.trim()));
  const level = levels.find((known) => known === options.log);
  const port = readPort(options.port);
  const graceSeconds = Number(options.grace);
  if (chosen.includes(undefined)) throw invalidOption("--roles", `takes a list of ${roles.join(", ")}; this was "${options.roles}".`);
  if (level === undefined) throw invalidOption("--log", `takes one of ${levels.join(", ")}; this was "${options.log}".`);
  if (!(graceSeconds >= 0 && graceSeconds <= 3_600))
    throw invalidOption("--grace", `takes seconds from 0 to 3600; this was "${options.grace}".`);
  const adminToken = secretsIn(environment["BELAY_ADMIN_TOKEN"]);
  const url = readDatabaseUrl(environment);
  if (adminToken.length === 0 || adminToken.some(({ length }) => length < 16))
    throw invalidOption(
      "BELAY_ADMIN_TOKEN",
      "must be set to at least 16 random characters; while it is rotated, to the new and the old one with a space between them.",
    );
  const masterKey = readMasterKey(environment);
  return {
    belayOptions: {
      config: pathToFileURL(resolve(options.config)),
      database: { kind: "postgres", url },
      http: { host: options.host, port, ...readTrustedProxies(environment) },
      roles: chosen.filter((role) => role !== undefined),
      adminToken,
      masterKey,
      ...readSignIn(environment),
      ...readReturnOrigins(environment),
    },
    level,
    graceMs: graceSeconds * 1_000,
  };
}
