import { createHmac } from "node:crypto";
import type { Source, SourceEvent } from "./source.ts";

/**
 * - genuine: the first sending of an event that asks for a write; repeated: another sending of it.
 * - unheard: an event that no flow listens to.
 * - forged, stale, malformed: must not have any effect.
 */
export type DeliveryKind = "genuine" | "repeated" | "unheard" | "forged" | "stale" | "malformed";

/** One sending of an event. */
export interface Delivery {
  readonly kind: DeliveryKind;
  readonly endpoint: string;
  /** What is asked for if the delivery is believed. */
  readonly event: SourceEvent;
  /** Signs anew for each attempt, as providers do. */
  compose(now: Date): Promise<{ readonly headers: Record<string, string>; readonly body: string | Uint8Array<ArrayBuffer> }>;
}

/** A delivery as the provider sends it. */
export function honest(kind: "genuine" | "repeated" | "unheard", source: Source, event: SourceEvent): Delivery {
  return {
    kind,
    endpoint: source.endpoint,
    event,
    compose: async (at) => ({ headers: await source.headers(event, { secret: source.secret, at }), body: event.body }),
  };
}

/** A delivery by somebody who does not know the secret; `trick` chooses how. */
export function forged(source: Source, event: SourceEvent, trick: number): Delivery {
  const reserialised = JSON.stringify(JSON.parse(event.body), undefined, 1);
  const tricks: readonly Delivery["compose"][] = [
    async (at) => ({ headers: await source.headers(event, { secret: `${source.secret}0`, at }), body: event.body }),
    async (at) => ({ headers: await source.headers(event, { secret: source.secret, at }), body: `${event.body} ` }),
    async (at) => ({ headers: await source.headers(event, { secret: source.secret, at }), body: reserialised }),
    async (at) => {
      const headers = await source.headers(event, { secret: source.secret, at });
      return { headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.includes("signature"))), body: event.body };
    },
  ];
  return { kind: "forged", endpoint: source.endpoint, event, compose: chosen(tricks, trick) };
}

/** A captured delivery that is sent again ten minutes later. */
export function stale(source: Source, event: SourceEvent): Delivery {
  return {
    kind: "stale",
    endpoint: source.endpoint,
    event,
    compose: async (now) => ({
      headers: await source.headers(event, { secret: source.secret, at: new Date(now.getTime() - 600_000) }),
      body: event.body,
    }),
  };
}

/** A delivery that is signed with the right secret, but cannot be understood; `defect` chooses why. */
export function malformed(source: Source, event: SourceEvent, defect: number): Delivery {
  const signed =
    (broken: SourceEvent): Delivery["compose"] =>
    async (at) => ({ headers: await source.headers(broken, { secret: source.secret, at }), body: broken.body });
  const defects: readonly Delivery["compose"][] = [
    signed({ ...event, body: event.body.slice(0, -20) }),
    signed(source.incomplete(defect)),
    async (at) => ({
      headers: { ...(await source.headers(event, { secret: source.secret, at })), "content-type": "text/plain" },
      body: event.body,
    }),
    async (at) => invalidUtf8(source, event, at),
    signed({ ...event, body: JSON.stringify([event.id]) }),
  ];
  return { kind: "malformed", endpoint: source.endpoint, event, compose: chosen(defects, defect) };
}

/** A delivery to an address that Belay never gave out. */
export function misdirected(source: Source, event: SourceEvent): Delivery {
  return { ...honest("genuine", source, event), kind: "malformed", endpoint: `${source.endpoint.slice(0, -4)}gone` };
}

/** The providers' libraries sign text only, so the signature over these bytes is made here. */
async function invalidUtf8(source: Source, event: SourceEvent, at: Date): ReturnType<Delivery["compose"]> {
  const body = Buffer.concat([Buffer.from(event.body.slice(0, -1)), Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]);
  const headers = await source.headers(event, { secret: source.secret, at });
  const seconds = Math.floor(at.getTime() / 1_000);
  const digest = (prefix: string): string => createHmac("sha256", source.secret).update(prefix).update(body).digest("hex");
  return {
    headers: {
      ...headers,
      ...(source.connector === "github"
        ? { "x-hub-signature-256": `sha256=${digest("")}` }
        : { "stripe-signature": `t=${seconds},v1=${digest(`${seconds}.`)}` }),
    },
    body,
  };
}

function chosen(ways: readonly Delivery["compose"][], index: number): Delivery["compose"] {
  const way = ways[index % ways.length];
  if (way === undefined) throw new RangeError("There is nothing to choose from.");
  return way;
}
