import { defineConfig, defineConnector, defineFlow } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";

/* A configuration for worker threads whose connections are made at run time. */

const source = defineConnector({
  id: "source",
  title: "Source",
  baseUrl: "https://source.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1_000,
    id: { header: "x-id", signed: false },
    type: { header: "x-type" },
    events: { act: z.object({ name: z.string() }) },
  },
});

const desk = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://desk.example",
  auth: {
    kind: "oauth2",
    tokenUrl: "https://desk.example/token",
    authorizationUrl: "https://desk.example/authorize",
    grants: ["authorization_code", "refresh_token"],
    accessTokenLifetime: "10m",
    refreshToken: { rotates: true },
    clientAuthentication: "basic",
  },
  resources: {
    note: {
      path: "/notes",
      id: "id",
      schema: z.object({ id: z.string() }),
      create: { input: z.object({ name: z.string() }), safety: { kind: "natural" } },
    },
  },
});

const act = defineFlow({
  id: "act",
  on: source.events.act,
  to: desk,
  run: async ({ event, target, step }) => {
    await step("write", async () => await target.note.create({ name: event.name }));
  },
});

export default defineConfig({ connectors: [source, desk], flows: [act], connections: [] });
