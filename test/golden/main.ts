/**
 * The golden tests: `npm run golden`. Starts two real systems, Parse Server on a real PostgreSQL and Radicale, and tries the connectors on them; what
 * happened is read from the systems directly, not through Belay. Options: `--json`, `--quick`.
 *
 * @module
 */
import { parseCommandOptions, printReport, startProgress } from "@belay/testkit/report";
import { startEmbeddedPostgres } from "../setup/embedded-postgres.ts";
import { tryCarddav } from "./alone/try-carddav.ts";
import { tryParse } from "./alone/try-parse.ts";
import { install } from "./install.ts";
import { openPromises } from "./promises.ts";
import { prepareParse } from "./systems/read-parse.ts";
import { startParse } from "./systems/start-parse.ts";
import { startRadicale } from "./systems/start-radicale.ts";

const options = parseCommandOptions(process.argv.slice(2));
const startedAt = Date.now();
const promises = openPromises();
const user = { username: "belay", password: "golden-user-password" };
using progress = startProgress("golden");

progress.update("installing");
install();
progress.update("starting PostgreSQL, Parse Server and Radicale");
{
  await using postgres = await startEmbeddedPostgres();
  await using parse = await startParse(postgres.url);
  await using radicale = await startRadicale();
  await prepareParse(parse, user);
  progress.update("connector parse on Parse Server");
  await tryParse(parse, user, promises, options.quick ? 250 : 1_250);
  progress.update("connector carddav on Radicale");
  await tryCarddav(radicale, promises, options.quick ? 10 : 60);
}
progress.stop();
const figures = { promises: promises.kept, seconds: Math.round((Date.now() - startedAt) / 1_000) };
process.exitCode = printReport({ figures, violations: promises.violations }, options);
