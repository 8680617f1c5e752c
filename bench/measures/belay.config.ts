import { defineConfig, defineFlow } from "@belay/sdk";
import { sink, source } from "../pipeline/belay.config.ts";

const tenants = ["acme", "globex", "initech"] as const;

const forward = defineFlow({
  id: "forward",
  on: source.events["thing.changed"],
  to: sink,
  orderKey: ({ entity }) => entity,
  async run({ event: { entity, sentAt, filler }, step, target: { record } }) {
    await step("create", () => record.create({ entity, sentAt, filler }));
  },
});

/** Three tenants; their providers are simulated. */
export default defineConfig({
  connectors: [source, sink],
  flows: [forward],
  connections: tenants.flatMap((tenant) => [
    { id: `${tenant}-source`, tenant, connector: "source" },
    { id: `${tenant}-sink`, tenant, connector: "sink" },
  ]),
});
