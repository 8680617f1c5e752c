import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { testMasterKey } from "../setup/vault.ts";

const cli = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const config = fileURLToPath(new URL("belay.config.ts", import.meta.url));

export interface BelayProcess extends AsyncDisposable {
  /** Empty for a worker. */
  readonly url: string;
  /** Everything that it has written to standard output and standard error so far. */
  said(): string;
}

/** `belay start` with one or more roles, as an operator starts it. Ends on SIGTERM, or with the test. */
export async function startBelayProcess(
  roles: string,
  environment: Readonly<Record<string, string>>,
  configFile = config,
): Promise<BelayProcess> {
  const child = spawn(process.execPath, [cli, "start", "--config", configFile, "--roles", roles, "--port", "0", "--grace", "5"], {
    env: { ...process.env, BELAY_ADMIN_TOKEN: "0123456789abcdef", BELAY_MASTER_KEY: testMasterKey, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr]) output?.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const url = await untilItRuns(child);
  return {
    url,
    said: () => said.join(""),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function untilItRuns(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  if (child.stderr === null) throw new Error("The process has no standard error.");
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const { msg, url } = line.startsWith("{") ? (JSON.parse(line) as { msg?: string; url?: string }) : {};
    if (msg !== "Belay runs.") continue;
    child.stderr.resume();
    return url ?? "";
  }
  throw new Error(`belay start ended: ${said.join("\n")}`);
}

/** A ledger that remembers under which trace it was called. `refused` sales it does not take; the first call for a `flaky` one fails. */
export interface Ledger extends AsyncDisposable {
  readonly url: string;
  readonly traces: readonly string[];
}

export async function startLedger(): Promise<Ledger> {
  const traces: string[] = [];
  const failed = new Set<string>();
  const server = createServer((request, response) => {
    traces.push(String(request.headers["traceparent"]));
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      const { sale, buyer } = JSON.parse(Buffer.concat(chunks).toString()) as { sale: string; buyer?: string };
      const flaky = sale.startsWith("flaky") && !failed.has(sale);
      if (flaky) failed.add(sale);
      const status = sale.startsWith("refused") ? 403 : flaky ? 503 : 201;
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ id: `entry-of-${sale}`, buyer }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    traces,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
