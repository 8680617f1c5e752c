import { fieldsOf, obtainsToken } from "@belay/sdk";
import type { Auth, Config } from "@belay/sdk";
import { seededRandom, seedFor } from "../simulator/index.ts";
import type { Random } from "../simulator/index.ts";

/** What a connection becomes when its provider is simulated. Its secrets are drawn from the seed and open nothing but a simulator. */
export interface SimulatedConnection {
  readonly id: string;
  readonly tenant: string;
  readonly connector: string;
  /** The fields that the connector's `auth` names. */
  readonly credential: Readonly<Record<string, string>>;
  /** The last part of the ingest URL and what its webhooks are signed with; absent where the connector declares none. */
  readonly webhooks?: { readonly endpoint: string; readonly secret: string };
}

/** One for each connection of the configuration. An endpoint that a connection has stays; everything secret is replaced. */
export function drawConnections({ connections, connectors }: Config, seed: number): readonly SimulatedConnection[] {
  return connections.flatMap(({ id, tenant, connector: connectorId, endpoint }) => {
    const connector = connectors.find((candidate) => candidate.id === connectorId);
    if (connector === undefined) return []; // refused by defineConfig already
    const random = seededRandom(seedFor(seed, `connection/${id}`));
    const credential = drawCredential(connector.auth, id, random);
    const secret = drawWebhookSecret(random);
    const drawnEndpoint = `sim_${drawBytes(random, 15).toString("base64url")}`;
    return [
      {
        id,
        tenant,
        connector: connectorId,
        credential,
        ...(connector.webhooks && { webhooks: { endpoint: endpoint ?? drawnEndpoint, secret } }),
      },
    ];
  });
}

/** Fields that hold the name of a person. */
const names = /^(username|email|user|login|subject)$/;

/** A credential with the fields that `auth` names, for the account of this name. */
export function drawCredential(auth: Auth, account: string, random: Random): Readonly<Record<string, string>> {
  const token = `sim_${drawBytes(random, 18).toString("base64url")}`;
  switch (auth.kind) {
    case "bearer":
      return { token };
    case "apiKey":
      return { apiKey: token };
    case "oauth2":
      return { accessToken: token, refreshToken: `${token}r`, clientId: `sim_${account}`, clientSecret: `${token}c` };
    default:
      // Those that obtain a token are given one that is good from the start.
      return Object.fromEntries([
        ...fieldsOf(auth).needed.map((name) => [name, names.test(name) ? `agent@${account}.example` : `${token}${name}`] as const),
        ...(obtainsToken(auth) ? [["accessToken", token] as const] : []),
        ...(auth.kind === "basic" && auth.password === undefined ? [["password", token] as const] : []),
      ]);
  }
}

/** A webhook secret that is a key in every scheme: those that want base64 behind `whsec_` as well as those that take any text. */
export function drawWebhookSecret(random: Random): string {
  return `whsec_${drawBytes(random, 24).toString("base64")}`;
}

function drawBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}
