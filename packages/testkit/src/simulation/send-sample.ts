import { Secret } from "@belay/sdk";
import type { Config } from "@belay/sdk";
import { attempt, composeEvent, pathOfId } from "../simulator/webhooks/index.ts";
import type { WebhookAttempt, WebhookEvent } from "../simulator/webhooks/index.ts";
import { seededRandom, seedFor, systemClock } from "../simulator/index.ts";
import { drawConnections } from "./simulated-connections.ts";

export interface SampleOptions {
  readonly config: Config;
  /** The connection's id. */
  readonly connection: string;
  readonly type: string;
  /** Belay's ingest, without a slash at the end. */
  readonly url: string;
  /** Set where the configuration's providers are simulated with this seed: endpoints and secrets are the simulators' then. */
  readonly simulatedSeed?: number | undefined;
  /** What is told of: made up, the connector's example as it is, or a payload as it is. Default: made up. */
  readonly payload?: "example" | { readonly [name: string]: unknown };
  /** Another one makes up another event. Default: drawn. */
  readonly seed?: number;
}

export interface Sample {
  readonly event: WebhookEvent;
  readonly attempt: WebhookAttempt;
}

const patienceMs = 10_000;

/**
 * Sends one event as the provider would, signed with the connection's own secret, and resolves with what came of it. Sent once: nothing repeats it.
 *
 * @throws TypeError naming what is missing: the connection, its endpoint or secret, the event's type, its example.
 */
export async function sendSample(options: SampleOptions): Promise<Sample> {
  const { type, url, payload, seed = Math.floor(Math.random() * 2 ** 32) } = options;
  const { webhooks, endpoint, secret } = findEndpoint(options);
  const example: unknown = payload === "example" ? await webhooks.examples?.[type]?.() : payload;
  if (payload === "example" && example === undefined)
    throw new TypeError(`The connector has no example of "${type}"; leave --example out to have one made up, or give a file.`);
  const made = await composeEvent(webhooks, {
    account: options.connection,
    type,
    change: Object.keys(webhooks.subjects?.[type]?.causedBy ?? {}).includes("create") ? "create" : "update",
    thing: { number: 1 + (seed % 900_000), seed: seedFor(seed, "sample"), createdAt: Date.now(), version: 1 },
    now: new Date(),
    random: seededRandom(seed),
  });
  const event = example === undefined ? made : exactly(made, example, webhooks.id);
  const never = new AbortController();
  return {
    event,
    attempt: await attempt(webhooks, event, { url: `${url}/in/${endpoint}`, secret }, patienceMs, {
      clock: systemClock,
      fetch: globalThis.fetch,
      closed: never.signal,
    }),
  };
}

type Webhooks = NonNullable<Config["connectors"][number]["webhooks"]>;

function findEndpoint({ config, connection: id, type, simulatedSeed }: SampleOptions): {
  readonly webhooks: Webhooks;
  readonly endpoint: string;
  readonly secret: Secret;
} {
  const known = config.connections.map((each) => each.id).join(", ");
  const connection = config.connections.find((each) => each.id === id);
  if (connection === undefined) throw new TypeError(`There is no connection "${id}"; there are: ${known || "none"}.`);
  const webhooks = config.connectors.find((each) => each.id === connection.connector)?.webhooks;
  if (webhooks === undefined) throw new TypeError(`Connector "${connection.connector}" of connection "${id}" declares no webhooks.`);
  if (webhooks.events[type] === undefined)
    throw new TypeError(`Connector "${connection.connector}" has no event "${type}"; it has ${Object.keys(webhooks.events).join(", ")}.`);
  if (simulatedSeed !== undefined) {
    const drawn = drawConnections(config, simulatedSeed).find((each) => each.id === id)?.webhooks;
    if (drawn !== undefined) return { webhooks, endpoint: drawn.endpoint, secret: new Secret(drawn.secret) };
  }
  const [secret] = connection.webhookSecrets ?? [];
  if (connection.endpoint === undefined || secret === undefined)
    throw new TypeError(`Connection "${id}" receives no webhooks: give it an endpoint and webhookSecrets, or run belay dev --simulate.`);
  return { webhooks, endpoint: connection.endpoint, secret };
}

/** The payload as it is; its own id goes before the one that was drawn. */
function exactly(made: WebhookEvent, payload: unknown, id: Webhooks["id"]): WebhookEvent {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) throw new TypeError("The payload must be a JSON object.");
  const own = { ...payload };
  const path = pathOfId(id);
  if (path === undefined) return { ...made, payload: own };
  let value: unknown = own;
  for (const name of path.split(".")) value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return { ...made, id: String(value), payload: own };
}
