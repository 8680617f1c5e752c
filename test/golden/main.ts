/**
 * The golden tests: `npm run golden`. Starts two real systems, Parse Server on a real PostgreSQL and Radicale; tries the connectors on them, lets Belay keep their contacts, and then lets
 * it keep both equal. What happened is read from the systems directly, not through Belay. Options: `--json`, `--quick`.
 *
 * @module
 */
import { parseCommandOptions, printReport, startProgress } from "@belay/testkit/report";
import { startEmbeddedPostgres } from "../setup/embedded-postgres.ts";
import { tryCarddav } from "./alone/try-carddav.ts";
import { tryParse } from "./alone/try-parse.ts";
import { install } from "./install.ts";
import { tryOneWay } from "./one-way/try-one-way.ts";
import { openPromises } from "./promises.ts";
import { prepareParse } from "./systems/read-parse.ts";
import { startParse } from "./systems/start-parse.ts";
import { startRadicale } from "./systems/start-radicale.ts";
import { tryTwoWay } from "./two-way/try-two-way.ts";

const options = parseCommandOptions(process.argv.slice(2));
const startedAt = Date.now();
const promises = openPromises();
const user = { username: "belay", password: "golden-user-password" };
const syncTokenSeconds = 8;
const figures: Record<string, number> = {};
using progress = startProgress("golden");

progress.update("installing");
install();
progress.update("starting PostgreSQL, Parse Server and Radicale");
{
  await using postgres = await startEmbeddedPostgres();
  await using parse = await startParse(postgres.url);
  await using radicale = await startRadicale({ syncTokenSeconds });
  await prepareParse(parse, user);
  progress.update("connector parse on Parse Server");
  await tryParse(parse, user, promises, options.quick ? 250 : 1_250);
  progress.update("connector carddav on Radicale");
  await tryCarddav(radicale, promises, options.quick ? 10 : 60);
  const contacts = options.quick ? 120 : 5_000;
  const parts = { parse, radicale, user, contacts, syncTokenSeconds };
  {
    await using own = await startEmbeddedPostgres();
    const say = (status: string): void => progress.update(`one-way: ${status}`);
    Object.assign(figures, { contacts, ...(await tryOneWay({ ...parts, databaseUrl: own.url, say }, promises)) });
  }
  await using own = await startEmbeddedPostgres();
  const say = (status: string): void => progress.update(`two-way: ${status}`);
  Object.assign(figures, await tryTwoWay({ ...parts, databaseUrl: own.url, say }, promises));
}
progress.stop();
Object.assign(figures, { promises: promises.kept, seconds: Math.round((Date.now() - startedAt) / 1_000) });
process.exitCode = printReport({ figures, violations: promises.violations }, options);
