import { BelayError, defineConfig, defineConnector, defineEvents, defineFlow, Secret } from "@belay/sdk";
import { z } from "zod";

const ledger = defineConnector({
  id: "ledger",
  title: "Ledger",
  baseUrl: "https://ledger.example",
  auth: { kind: "bearer" },
  resources: {},
});

export const app = defineEvents({ "contact.changed": z.object({ id: z.string(), email: z.string() }) });

export const ledgerToken = "s3cret-of-globex-at-the-ledger";

/** A host application whose contacts are kept; an address at nowhere.example cannot be. */
export default defineConfig({
  connectors: [ledger],
  events: app,
  flows: [
    defineFlow({
      id: "contacts",
      on: app["contact.changed"],
      to: ledger,
      orderKey: ({ id }) => id,
      run: async ({ event }) => {
        if (event.email.endsWith("@nowhere.example")) throw new BelayError("CONTACT_NOWHERE", "There is no such place.");
      },
    }),
  ],
  connections: [
    { id: "acme-ledger", tenant: "acme", connector: "ledger", credential: { token: new Secret("t") } },
    {
      id: "globex-ledger",
      tenant: "globex",
      connector: "ledger",
      baseUrl: process.env["LEDGER_URL"] ?? "http://127.0.0.1:1",
      credential: { token: new Secret(ledgerToken) },
    },
  ],
});
