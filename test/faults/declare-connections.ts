import type { Simulator } from "@belay/testkit";
import type { DeclaredConnection, Fault, MessageFault } from "./fault.ts";
import { endpointOf, type ShopEvent, webhookSecret } from "./shop-event.ts";

/** What the targets accept. */
export const credentials = {
  desk: { token: "desk-token" },
  zendesk: { username: "agent/token", password: "zendesk-token" },
  hubspot: { token: "hubspot-token" },
} as const;

export type Simulated = keyof typeof credentials;

const targets = {
  "to-desk": ["desk"],
  "to-zendesk": ["zendesk"],
  "to-hubspot": ["hubspot"],
  "to-fort": ["fort"],
  "to-both": ["desk", "zendesk"],
} as const satisfies Readonly<Record<ShopEvent["type"], readonly string[]>>;

/** Tenants of faults that no message fault names, with the flow that they have. */
const further = [
  { id: "webhooks", event: { type: "to-desk" } },
  { id: "disconnected", event: { type: "to-both" } },
] as const;

export function isMessageFault(fault: Fault): fault is MessageFault {
  return "event" in fault;
}

/** The accounts that each simulator needs: one a tenant. */
export function tenantsOf(faults: readonly Fault[]): string[] {
  return [...faults.filter(isMessageFault), ...further].map(({ id }) => id);
}

/** A tenant for each fault, with a shop, and what its flow writes to. `addresses` stands where a fault's `baseUrl` names it in braces. */
export function declareConnections(
  faults: readonly Fault[],
  simulators: Readonly<Record<Simulated, Simulator>>,
  addresses: Readonly<Record<string, string>>,
): DeclaredConnection[] {
  const tenants: readonly Pick<MessageFault, "id" | "target">[] = [...faults.filter(isMessageFault), ...further];
  const types = new Map([...faults.filter(isMessageFault), ...further].map(({ id, event }) => [id, event.type]));
  return tenants.flatMap(({ id: tenant, target }) => {
    const source = { id: `${tenant}-shop`, tenant, connector: "shop", endpoint: endpointOf(tenant), webhookSecret };
    const [first, ...others] = targets[types.get(tenant) ?? "to-desk"].map((connector) => connect(tenant, connector, simulators));
    if (first === undefined) return [source];
    const { baseUrl, ...special } = target ?? {};
    const address = baseUrl?.replace(/^\{(\w+)\}$/, (_whole, name: string) => addresses[name] ?? "");
    return [source, { ...first, ...special, ...(address !== undefined && { baseUrl: address }) }, ...others];
  });
}

function connect(tenant: string, connector: string, simulators: Readonly<Record<Simulated, Simulator>>): DeclaredConnection {
  const common = { id: `${tenant}-${connector}`, tenant, connector };
  if (!isSimulated(connector)) return { ...common, credential: { token: "nobody asks for it" } };
  return { ...common, baseUrl: simulators[connector].url(tenant), credential: credentials[connector] };
}

function isSimulated(connector: string): connector is Simulated {
  return Object.hasOwn(credentials, connector);
}
