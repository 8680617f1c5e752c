import { defineConfig, defineConnector, defineFlow } from "@belay/sdk";
import { z } from "zod";
import { connections, forward, sink, source } from "../pipeline/belay.config.ts";

/** What a flow can do wrong. */
export const misdeeds = ["throw", "hang", "leak", "exit", "nonsense"] as const;

/** The pipeline bench's source, and an event that asks a flow to misbehave. */
const troubled = defineConnector({
  ...source,
  webhooks: {
    ...source.webhooks,
    events: { ...source.webhooks.events, "misdeed.asked": z.object({ id: z.string(), type: z.string(), misdeed: z.enum(misdeeds) }) },
  },
});

const misbehave = defineFlow({
  id: "misbehave",
  on: troubled.events["misdeed.asked"],
  to: sink,
  async run({ event: { misdeed }, step }) {
    switch (misdeed) {
      case "throw":
        throw new TypeError("a mistake in the flow");
      case "hang":
        for (;;);
      case "leak": {
        const kept: object[] = [];
        for (;;) kept.push({ number: kept.length });
      }
      case "exit":
        process.exit(1);
      case "nonsense":
        await step("nonsense", () => Promise.resolve(10n));
    }
  },
});

export default defineConfig({ connectors: [troubled, sink], flows: [forward, misbehave], connections });
