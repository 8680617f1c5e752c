import { defineConfig, defineConnector, type Resource, Secret } from "@belay/sdk";
import { defineMapping, unified } from "@belay/sdk/models";
import { z } from "zod";

/* A provider that knows no keys, and where nobody can look for what was created, at the URL in `UNIFIED_DESK_URL`. */

const input = z.object({ name: z.string() });
const person = {
  path: "/people",
  id: "id",
  schema: z.object({ id: z.string(), name: z.string() }),
  get: {},
  create: { input, safety: { kind: "once" } },
  update: { input, method: "PATCH", safety: { kind: "natural" } },
} as const satisfies Resource;

const toContact = defineMapping(
  person,
  unified.contact,
)({
  resource: "person",
  version: "1",
  fields: { name: { from: "name", write: (name) => ({ name: name ?? "" }) } },
});

const desk = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://desk.example",
  auth: { kind: "bearer" },
  resources: { person },
  mappings: [toContact],
});

export default defineConfig({
  connectors: [desk],
  flows: [],
  connections: [
    {
      id: "acme-desk",
      tenant: "acme",
      connector: "desk",
      baseUrl: process.env["UNIFIED_DESK_URL"] ?? "http://127.0.0.1:1",
      credential: { token: new Secret("t") },
    },
  ],
});
