/**
 * Connections of every kind of auth, to a provider at the URL in `PARROT_URL` that says back all that it is told.
 *
 * @module
 */
import { type Auth, type Connection, defineConfig, defineConnector, Secret } from "@belay/sdk";
import { entrusted } from "./canaries.ts";

const parrot = process.env["PARROT_URL"] ?? "http://127.0.0.1:9";
const { queryKey, username, password, headerKey, clientSecret, accessToken, refreshToken } = entrusted;

function connector(id: string, auth: Auth) {
  return defineConnector({ id, title: id, baseUrl: `https://${id}.example`, auth, resources: {}, check: "/check" });
}

function connection(id: string, fields: Readonly<Record<string, string>>, path = ""): Connection {
  const credential = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, new Secret(value)]));
  return { id: `acme-${id}`, tenant: "acme", connector: id, baseUrl: `${parrot}${path}`, credential };
}

const bank = connector("bank", {
  kind: "oauth2",
  tokenUrl: `${parrot}/token`,
  authorizationUrl: "https://bank.example/authorize",
  grants: ["authorization_code", "refresh_token"],
  accessTokenLifetime: "1h",
  refreshToken: { rotates: true },
  clientAuthentication: "body",
});

export default defineConfig({
  connectors: [
    connector("maps", { kind: "apiKey", query: "key" }),
    connector("desk", { kind: "basic" }),
    connector("mill", { kind: "headers", headers: { "X-Mill-Id": "{apiKey}" } }),
    bank,
  ],
  flows: [],
  connections: [
    connection("maps", { apiKey: queryKey }),
    connection("desk", { username, password }),
    connection("mill", { apiKey: headerKey }),
    connection("bank", { accessToken, refreshToken, clientId: "belay", clientSecret }, "/bank"),
  ],
});
