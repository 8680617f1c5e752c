import { type Client, defineConnector, Secret } from "@belay/sdk";
import {
  createMemoryBreaker,
  createMemoryBudget,
  createNetwork,
  type AnswerCache,
  type Clock,
  createClient,
  type LastKnown,
  staticCredentials,
} from "@belay/sdk/http";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const owner = z.object({ id: z.string(), version: z.number() });

export const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: { kind: "bearer" },
  resources: {
    owner: {
      path: "/owners",
      id: "id",
      schema: owner,
      get: {},
      find: { by: ["version"], style: { kind: "query" } },
      update: { method: "PUT", input: z.object({ note: z.string() }), safety: { kind: "natural" } },
    },
  },
});

/** A provider whose records are nothing but versions: what is newer is larger. */
export interface Provider extends AsyncDisposable {
  readonly url: string;
  down: boolean;
  /** How long it takes to say what a record is, ms. */
  readMs: number;
  /** Requests for records that came in. */
  reads: number;
  /** The version that a record had at a time of the moved clock. */
  versionAt(id: string, time: number): number;
  /** Somebody changes it there. */
  edit(id: string): number;
}

export async function startProvider(now: () => number): Promise<Provider> {
  const histories = new Map<string, { version: number; at: number }[]>();
  const historyOf = (id: string): { version: number; at: number }[] => {
    const known = histories.get(id) ?? [{ version: 1, at: -Infinity }];
    histories.set(id, known);
    return known;
  };
  const latest = (id: string): number => historyOf(id).at(-1)?.version ?? 0;
  const server = createServer((request, response) => {
    request.resume();
    const id = /^\/owners\/(\w+)/.exec(request.url ?? "")?.[1] ?? "";
    if (request.method === "GET") provider.reads += 1;
    // What it answers is what was so at some moment while it was asked.
    const begun = { id, version: latest(id) };
    const act = (): void => {
      if (provider.down) return void response.writeHead(503).end();
      if (request.method === "PUT") begun.version = provider.edit(id);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(begun));
    };
    setTimeout(act, request.method === "GET" ? provider.readMs : 3);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const provider: Provider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    down: false,
    readMs: 3,
    reads: 0,
    versionAt: (id, time) => historyOf(id).findLast(({ at }) => at <= time)?.version ?? 1,
    edit: (id) => {
      const version = latest(id) + 1;
      historyOf(id).push({ version, at: now() });
      return version;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return provider;
}

/** A client as a process has it. */
export function openClient(
  url: string,
  ports: { readonly clock: Clock; readonly cache: AnswerCache; readonly lastKnown?: LastKnown },
): { readonly client: Client<typeof crm>; readonly close: () => Promise<void> } {
  const network = createNetwork();
  const credential = { token: new Secret("x") };
  const connection = { id: "acme-crm", tenant: "acme", connector: "crm", baseUrl: url, credential };
  const client = createClient(crm, connection, {
    ...ports,
    random: () => 0.5,
    network,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
    credentials: staticCredentials(credential),
    // A dead provider is asked once, so that the test is quick.
    callTimeoutMs: 2_000,
  });
  return { client, close: async () => await network[Symbol.asyncDispose]() };
}

/** A clock that runs ahead by as much as is said; its pauses are short, and its deadlines those of the machine. */
export function movedClock(offsetMs: () => number): Required<Clock> {
  return {
    now: () => Date.now() + offsetMs(),
    sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, Math.min(ms, 5))),
    timer: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
  };
}
