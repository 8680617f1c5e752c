import { hubspot } from "@belay/connector-hubspot";
import { zendesk } from "@belay/connector-zendesk";
import { isBelayError, Secret } from "@belay/sdk";
import { type ApiHealth, type ApiStory, type BelayClient, createBelayClient } from "@belay/sdk/client";
import { type FaultRule, simulate, type Simulator } from "@belay/testkit";
import { type Belay, type BelayOptions, createLogger, type DatabaseOptions, startBelay } from "../../packages/server/src/main.ts";
import { startEmbeddedPostgres } from "../setup/embedded-postgres.ts";
import { startCuttingServer } from "./cutting-server.ts";
import { desk } from "./desk.ts";
import { credentials, declareConnections, isMessageFault, type Simulated, tenantsOf } from "./declare-connections.ts";
import type { Explanation, Fault } from "./fault.ts";
import { endpointOf, scheme, type ShopEvent, webhookSecret } from "./shop-event.ts";
import { testMasterKey } from "../setup/vault.ts";

export const configUrl = new URL("belay.config.ts", import.meta.url).href;

const adminToken = "the-token-of-the-fault-suite";
const patienceMs = 90_000;
const lookEveryMs = 200;
/** Only to end what hangs: on a busy machine everything here shares what is left of one processor. */
const longestRequestMs = 60_000;

/** A running Belay among simulated providers, and how to ask it. */
export interface World extends AsyncDisposable {
  readonly url: string;
  readonly belay: BelayClient;
  reload(config: string): Promise<void>;
  /** Sends a signed webhook of a tenant's shop. */
  sendEvent(event: ShopEvent, tenant: string): Promise<void>;
  /** The story of a tenant's message that is a dead letter, or that waits because its mailbox is paused; waits for it. */
  findStory(tenant: string, ends: "dead" | "waits"): Promise<ApiStory>;
  request(path: string, options?: RequestInit, url?: string): Promise<Response>;
  /** What the product says of a refusal: its problem document, and the code that it names. */
  explainRefusal(response: Response): Promise<Explanation>;
  /** What the product says of the code that `attempt` throws. */
  explainThrown(attempt: () => Promise<void>): Promise<Explanation>;
  /** What the product says of a code. */
  explainCode(code: string): Promise<Explanation>;
  /** Another Belay, without workers, whose PostgreSQL has been stopped. */
  disturbed(): Promise<Disturbed>;
}

export interface Disturbed {
  readonly url: string;
  /** What its health said before PostgreSQL was stopped. */
  readonly threats: ApiHealth["threats"];
}

/** Belay as the suite runs it: nothing is tried twice, and limits on time are short. */
export async function startFaultyBelay(database: DatabaseOptions, options: Partial<BelayOptions> = {}): Promise<Belay> {
  return await startBelay({
    config: configUrl,
    database,
    adminToken,
    masterKey: testMasterKey,
    retry: { maxAttempts: 1 },
    flows: { runTimeoutMs: 10_000, attemptTimeoutMs: 2_000, hangMs: 1_500, threadMemoryMb: 96 },
    logger: createLogger("silent"),
    ...options,
  });
}

/** Starts the simulators with what the faults make of them, and Belay. Everything listens on loopback. */
export async function openWorld(faults: readonly Fault[]): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const cutting = stack.use(await startCuttingServer());
  const simulators = await startSimulators(faults, stack);
  const addresses = { https: `https://127.0.0.1:${cutting.port}`, cutting: `http://127.0.0.1:${cutting.port}` };
  process.env["FAULTS_CONNECTIONS"] = JSON.stringify(declareConnections(faults, simulators, addresses));
  const running = stack.use(await startFaultyBelay({ kind: "pglite" }));
  const belay = createBelayClient({ url: running.url, token: adminToken, deadlineMs: longestRequestMs });
  const request: World["request"] = async (path, { headers, ...options } = {}, url = running.url) =>
    await fetch(`${url}${path}`, {
      ...options,
      headers: { authorization: `Bearer ${adminToken}`, ...(headers as Record<string, string> | undefined) },
      signal: AbortSignal.timeout(longestRequestMs),
    });
  const explainCode = async (code: string): Promise<Explanation> => {
    const response = await request(`/v1/errors/${code}`);
    if (!response.ok) throw new Error(`Belay does not explain ${code}: it answered ${response.status}.`);
    return (await response.json()) as Explanation;
  };
  let disturbed: Promise<Disturbed> | undefined;
  const kept = stack.move();
  return {
    url: running.url,
    belay,
    reload: (config) => running.reload(config),
    sendEvent: (event, tenant) => sendEvent(running.url, event, tenant),
    findStory: (tenant, ends) => findStory(belay, tenant, ends),
    request,
    explainRefusal: async (response) => {
      const problem = (await response.json()) as { code: string; class: string; owner: string };
      const explanation = await explainCode(problem.code);
      if (problem.class !== explanation.class || problem.owner !== explanation.owner)
        throw new Error(`The refusal says ${problem.class}, ${problem.owner}; its code says ${explanation.class}, ${explanation.owner}.`);
      return explanation;
    },
    explainThrown: async (attempt) => {
      const thrown = await attempt().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!isBelayError(thrown)) throw new Error("Nothing was thrown that has a code.", { cause: thrown });
      return await explainCode(thrown.code);
    },
    explainCode,
    disturbed: () => (disturbed ??= startDisturbed(kept)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function startSimulators(faults: readonly Fault[], stack: AsyncDisposableStack): Promise<Readonly<Record<Simulated, Simulator>>> {
  const rules = faults
    .filter(isMessageFault)
    .flatMap(({ id, rules: own = [] }) => own.map((rule): FaultRule => ({ ...rule, account: id })));
  const start = async (name: Simulated): Promise<Simulator> => {
    const secrets = Object.fromEntries(Object.entries(credentials[name]).map(([field, text]) => [field, new Secret(text)]));
    const accounts = Object.fromEntries(tenantsOf(faults).map((tenant) => [tenant, secrets]));
    // So that there is a dead letter before the account is disconnected.
    const disconnected: FaultRule = { account: "disconnected", fault: { kind: "answer", failure: "server-error" } };
    return stack.use(await simulate({ desk, zendesk, hubspot }[name], { accounts, limits: [], faults: [...rules, disconnected] }));
  };
  return { desk: await start("desk"), zendesk: await start("zendesk"), hubspot: await start("hubspot") };
}

async function sendEvent(url: string, event: ShopEvent, tenant: string): Promise<void> {
  const body = Buffer.from(JSON.stringify(event));
  const headers = { "content-type": "application/json", ...scheme.sign(body, new Secret(webhookSecret), new Date(), event.id) };
  const response = await fetch(`${url}/in/${endpointOf(tenant)}`, {
    method: "POST",
    headers,
    body,
    signal: AbortSignal.timeout(longestRequestMs),
  });
  if (response.status !== 202) throw new Error(`The event of ${tenant} was answered with ${response.status}: ${await response.text()}`);
}

async function findStory(belay: BelayClient, tenant: string, ends: "dead" | "waits"): Promise<ApiStory> {
  const giveUpAt = Date.now() + patienceMs;
  let seen = "";
  while (Date.now() < giveUpAt) {
    for await (const { id, state, code } of belay.messages({ tenant })) {
      seen = `message ${id} is ${state}${code === null ? "" : ` (${code})`}`;
      if (state === "dead" && ends === "dead") return await belay.message(id);
      if (state === "waiting" && ends === "waits") {
        const story = await belay.message(id);
        // It may have gone on between the two questions.
        if (story.message.state === "waiting" && story.mailbox?.pausedUntil && story.explanation !== null) return story;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  throw new Error(`No message of ${tenant} ${ends === "dead" ? "became a dead letter" : "waits"} in time; ${seen}.`);
}

/** Before PostgreSQL is stopped, an event is stored there that no worker takes. */
async function startDisturbed(stack: AsyncDisposableStack): Promise<Disturbed> {
  const postgres = stack.use(await startEmbeddedPostgres());
  const database = { kind: "postgres", url: postgres.url, connections: 2 } as const;
  const running = await startFaultyBelay(database, { roles: ["ingest", "web"] });
  stack.defer(async () => await running.close(0));
  await sendEvent(running.url, { id: "overdue-1", type: "to-desk", do: "write a note" }, "webhooks");
  const { threats } = await readHealth(database);
  await postgres[Symbol.asyncDispose]();
  return { url: running.url, threats };
}

/** The health of an installation without workers: it looks once when it starts. */
async function readHealth(database: DatabaseOptions): Promise<ApiHealth> {
  await using watching = await startFaultyBelay(database, { roles: ["web"], health: { overdueSeconds: 0 } });
  const belay = createBelayClient({ url: watching.url, token: adminToken, deadlineMs: longestRequestMs });
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const health = await belay.health();
    if (!health.ok || Date.now() > giveUpAt) return health;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
