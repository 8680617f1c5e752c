import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A running Parse Server. */
export interface ParseSystem extends AsyncDisposable {
  /** Its REST API, without a slash at the end. */
  readonly url: string;
  readonly applicationId: string;
  readonly masterKey: string;
  /** What it sends with its webhooks, as `X-Parse-Webhook-Key`. */
  readonly webhookKey: string;
}

const longestStartMs = 240_000;

/**
 * Starts Parse Server, as it is on npm, on a database of its own. Sessions end after `sessionSeconds`, used or not.
 *
 * @throws when it does not answer within four minutes.
 * @see https://docs.parseplatform.org/rest/guide/
 */
export async function startParse(databaseUrl: string, { sessionSeconds = 60 } = {}): Promise<ParseSystem> {
  const masterKey = "golden-master-key";
  const webhookKey = "golden-webhook-key";
  const child = spawn(process.execPath, [fileURLToPath(new URL("parse-process.mjs", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PARSE_MASTER_KEY: masterKey,
      PARSE_WEBHOOK_KEY: webhookKey,
      PARSE_SESSION_SECONDS: String(sessionSeconds),
      // It makes a folder for files of its log otherwise, whatever its options say.
      PARSE_SERVER_LOGS_FOLDER: "null",
    },
  });
  const ended = once(child, "exit");
  const tooLong = setTimeout(() => child.kill(), longestStartMs);
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    clearTimeout(tooLong);
    const { url } = JSON.parse(line) as { readonly url: string };
    const dispose = async (): Promise<void> => {
      child.stdin.end();
      await ended;
    };
    return { url, applicationId: "golden", masterKey, webhookKey, [Symbol.asyncDispose]: dispose };
  }
  throw new Error("Parse Server did not start; its own message is above. Was `npm run golden` used, which installs it?");
}
