import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type BelayClient, createBelayClient } from "@belay/sdk/client";
import type { ParseSystem } from "../systems/start-parse.ts";
import type { RadicaleSystem } from "../systems/start-radicale.ts";

/** Both systems, and who Belay is at them. */
export interface Systems {
  readonly parse: ParseSystem;
  readonly radicale: RadicaleSystem;
  readonly user: { readonly username: string; readonly password: string };
}

export interface GoldenBelay extends AsyncDisposable {
  readonly client: BelayClient;
  readonly url: string;
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
}

export interface GoldenBelayOptions {
  /** Of a `belay.config.ts`. */
  readonly config: URL;
  readonly databaseUrl: string;
  /** Default: any that is free. */
  readonly port?: number;
}

const token = "golden-golden-golden";
const longestStartMs = 300_000;

/** Starts a Belay that is to do what the configuration says. @throws when it has not begun to listen within five minutes. */
export async function startGoldenBelay(systems: Systems, { config, databaseUrl, port = 0 }: GoldenBelayOptions): Promise<GoldenBelay> {
  const child = fork(fileURLToPath(new URL("belay-process.ts", import.meta.url)), {
    env: {
      ...process.env,
      ...environmentOf(systems),
      GOLDEN_CONFIG: config.href,
      GOLDEN_DATABASE: databaseUrl,
      GOLDEN_PORT: String(port),
      GOLDEN_TOKEN: token,
    },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  const started = once(child, "message", { signal: AbortSignal.timeout(longestStartMs) });
  const first = await Promise.race([started, ended.then(() => undefined)]).catch(async (error: unknown) => {
    await end("SIGKILL");
    throw error;
  });
  if (first === undefined) throw new Error("Belay did not start; its own message is above.");
  const { url } = first[0] as { readonly url: string };
  return {
    url,
    client: createBelayClient({ url, token }),
    kill: async () => await end("SIGKILL"),
    [Symbol.asyncDispose]: async () => await end("SIGTERM"),
  };
}

function environmentOf({ parse, radicale, user }: Systems): Readonly<Record<string, string>> {
  return {
    GOLDEN_PARSE: parse.url,
    GOLDEN_APPLICATION: parse.applicationId,
    GOLDEN_PARSE_USER: user.username,
    GOLDEN_PARSE_PASSWORD: user.password,
    GOLDEN_WEBHOOK_KEY: parse.webhookKey,
    GOLDEN_CARDDAV: `${radicale.url}${radicale.addressBook.replace(/\/$/, "")}`,
    GOLDEN_CARDDAV_USER: radicale.username,
    GOLDEN_CARDDAV_PASSWORD: radicale.password,
  };
}
