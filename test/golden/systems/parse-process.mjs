/**
 * Parse Server as a process of its own, on the database of `DATABASE_URL`; not TypeScript, because it belongs to the packages that `npm run golden` installs. Writes one line
 * of JSON, `{ "url": … }`, when it answers, and ends when its standard input does.
 *
 * @module
 */
import { createServer } from "node:net";
import express from "express";
import { ParseServer } from "parse-server";

const { DATABASE_URL = "", PARSE_MASTER_KEY = "", PARSE_WEBHOOK_KEY = "", PARSE_SESSION_SECONDS = "60" } = process.env;
process.stdin.resume().on("close", () => process.exit(0));

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port: free } = probe.address();
    probe.close(() => resolve(free));
  });
});
const url = `http://127.0.0.1:${port}/parse`;
const server = new ParseServer({
  databaseURI: DATABASE_URL,
  appId: "golden",
  masterKey: PARSE_MASTER_KEY,
  webhookKey: PARSE_WEBHOOK_KEY,
  serverURL: url,
  allowClientClassCreation: true,
  // Sessions end during the run, whether they are used or not.
  sessionLength: Number(PARSE_SESSION_SECONDS),
  extendSessionOnUse: false,
  silent: true,
  logsFolder: null,
});
await server.start();
const listening = express()
  .use("/parse", server.app)
  .listen(port, "127.0.0.1", () => process.stdout.write(`${JSON.stringify({ url })}\n`));
// On a busy machine five seconds pass between two requests, and a connection that closes just then loses the second.
listening.keepAliveTimeout = 300_000;
