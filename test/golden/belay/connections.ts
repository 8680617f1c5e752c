import { type Connection, Secret } from "@belay/sdk";

/** The tenant that has an account at both systems. */
export const tenant = "golden";
export const parseConnection = "golden-parse";
/** Where the triggers of Parse Server are called. */
export const parseEndpoint = "golden-parse-endpoint-0123456789";
export const carddavConnection = "golden-carddav";

const secretOf = (name: string): Secret => new Secret(process.env[name] ?? "none");

/** Both accounts. The configuration is read by worker threads as well, so what it needs comes by the environment; see `environmentOf`. */
export const connections: readonly Connection[] = [
  {
    id: parseConnection,
    tenant,
    connector: "parse",
    baseUrl: process.env["GOLDEN_PARSE"] ?? "http://127.0.0.1:9",
    credential: {
      applicationId: secretOf("GOLDEN_APPLICATION"),
      username: secretOf("GOLDEN_PARSE_USER"),
      password: secretOf("GOLDEN_PARSE_PASSWORD"),
    },
    endpoint: parseEndpoint,
    webhookSecrets: [secretOf("GOLDEN_WEBHOOK_KEY")],
  },
  {
    id: carddavConnection,
    tenant,
    connector: "carddav",
    baseUrl: process.env["GOLDEN_CARDDAV"] ?? "http://127.0.0.1:9",
    credential: { username: secretOf("GOLDEN_CARDDAV_USER"), password: secretOf("GOLDEN_CARDDAV_PASSWORD") },
  },
];
