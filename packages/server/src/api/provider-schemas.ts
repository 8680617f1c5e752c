import { z } from "zod";

const notCalled = {
  since: z.string().describe("When it was first kept from being called."),
  nextProbeAt: z.string().describe("When one call is let through to try."),
};

const failing = z.object({
  tenant: z.string(),
  connection: z.string(),
  state: z.enum(["open", "half-open"]),
  ...notCalled,
});

const provider = z
  .object({
    provider: z.string().describe("Its host, as the connector declares it."),
    state: z
      .enum(["closed", "open", "half-open"])
      .describe("`closed`: it is called. `open`: it is away. `half-open`: a probe is under way."),
    since: notCalled.since.nullable(),
    nextProbeAt: notCalled.nextProbeAt.nullable(),
    connections: z.number().int(),
    tenants: z.number().int(),
    waitingMailboxes: z.number().int().describe("Connections' queues that wait because it, or one of its connections, is not called now."),
    failing: z.array(failing).describe("Connections that are not called while the provider as a whole is."),
  })
  .meta({ id: "Provider", description: "A provider as it stands with its circuit breakers." });

export const providers = z.object({ items: z.array(provider) }).meta({ id: "Providers" });
