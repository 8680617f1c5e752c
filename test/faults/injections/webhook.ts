import { Secret } from "@belay/sdk";
import type { OtherFault } from "../fault.ts";
import { endpointOf, largestEvent, scheme, webhookSecret } from "../shop-event.ts";
import type { World } from "../world.ts";

interface Letter {
  readonly body: string;
  readonly secret?: string;
  readonly sentAt?: Date;
  readonly contentType?: string;
  readonly endpoint?: string;
}

const event = { id: "w-1", type: "to-desk", do: "write a note" };

/** A webhook is refused at the door. */
export const webhookFaults: readonly OtherFault[] = [
  refused("forged", "forged signature", "signed with another secret", "INGRESS_SIGNATURE_WRONG", {
    body: JSON.stringify(event),
    secret: "a stranger's",
  }),
  refused("stale", "stale timestamp", "signed an hour ago", "INGRESS_SIGNATURE_WRONG", {
    body: JSON.stringify(event),
    sentAt: new Date(Date.now() - 3_600_000),
  }),
  refused("malformed", "malformed JSON", "signed, but the body ends too early", "INGRESS_BODY_INVALID", { body: '{"id":"w-1",' }),
  refused("too-large", "body too large", "a body larger than the connector takes", "INGRESS_BODY_TOO_LARGE", {
    body: JSON.stringify({ ...event, do: "x".repeat(largestEvent) }),
  }),
  refused("no-json-type", "content type that is no JSON", "the body comes as text/plain", "INGRESS_TYPE_UNSUPPORTED", {
    body: JSON.stringify(event),
    contentType: "text/plain",
  }),
  refused("no-id", "event without id", "signed, but without the field that identifies it", "INGRESS_KEY_INVALID", {
    body: JSON.stringify({ type: "to-desk" }),
  }),
  refused("unknown-endpoint", "unknown ingest URL", "sent to a URL that no connection has", "INGRESS_ENDPOINT_UNKNOWN", {
    body: JSON.stringify(event),
    endpoint: "endpoint-of-nobody",
  }),
];

function refused(id: string, fault: string, how: string, code: string, letter: Letter): OtherFault {
  const expects = {
    INGRESS_SIGNATURE_WRONG: { class: "webhook-not-believed", owner: "support" },
    INGRESS_ENDPOINT_UNKNOWN: { class: "configuration-mistake", owner: "engineer" },
  } as const;
  return {
    id,
    layer: "webhook",
    fault,
    injected: `${how}; Belay's answer is read`,
    expects: { code, ...(expects[code as keyof typeof expects] ?? { class: "event-drift", owner: "engineer" }) },
    observe: async (world) => await world.explainRefusal(await send(world, letter)),
  };
}

/** Sends a webhook, to `url` where it is not the world's own Belay. */
export async function send(world: Pick<World, "url">, letter: Letter): Promise<Response> {
  const { body, secret = webhookSecret, sentAt = new Date(), contentType = "application/json", endpoint = endpointOf("webhooks") } = letter;
  const headers = { "content-type": contentType, ...scheme.sign(Buffer.from(body), new Secret(secret), sentAt, "") };
  return await fetch(`${world.url}/in/${endpoint}`, { method: "POST", headers, body, signal: AbortSignal.timeout(60_000) });
}
