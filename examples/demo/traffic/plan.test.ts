import { github } from "@belay/connector-github";
import { stripe } from "@belay/connector-stripe";
import { Secret } from "@belay/sdk";
import { describe, expect, test } from "vitest";
import type { Delivery, DeliveryKind } from "./delivery.ts";
import { githubSource, planTraffic, stripeSource } from "./index.ts";

const sources = (seed: number) => [
  githubSource(seed, "acme", "acme-github-endpoint", "secret-a"),
  stripeSource(seed, "globex", "globex-stripe-endpoint", "secret-g"),
  githubSource(seed, "initech", "initech-github-endpoint", "secret-i"),
  stripeSource(seed, "initech", "initech-stripe-endpoint", "secret-s"),
];
const plan = planTraffic(1, sources(1), 1);
const ofKind = (...kinds: DeliveryKind[]) => plan.map(({ delivery }) => delivery).filter(({ kind }) => kinds.includes(kind));
const secretOf = ({ endpoint }: Delivery) => new Secret(sources(1).find((source) => source.endpoint === endpoint)!.secret);

describe("the plan of the traffic", () => {
  test("holds at least 3,000 deliveries, about 15 % of them repeated, and something of every kind", () => {
    expect(plan.length).toBeGreaterThanOrEqual(3_000);
    expect(ofKind("repeated").length / ofKind("genuine", "unheard").length).toBeCloseTo(0.15, 1);
    for (const kind of ["forged", "stale", "malformed"] as const) expect(ofKind(kind).length).toBeGreaterThan(20);
  });

  test("is the same for the same seed and another for another", () => {
    const ids = (seed: number) => planTraffic(seed, sources(seed), 0.1).map(({ delivery }) => delivery.event.body);
    expect(ids(7)).toEqual(ids(7));
    expect(ids(7)).not.toEqual(ids(8));
  });

  test("has every version of an entity once, and some in the wrong order", () => {
    const effects = ofKind("genuine").map(({ event }) => event.effect!);
    expect(new Set(effects.map(({ entity, version }) => `${entity}@${version}`)).size).toBe(effects.length);
    const overtaken = effects.filter(({ entity, version }, index) =>
      effects.slice(0, index).some((earlier) => earlier.entity === entity && earlier.version > version),
    );
    expect(overtaken.length).toBeGreaterThan(50);
  });

  test("is believed by the connectors' verification exactly where it should be", async () => {
    const now = new Date();
    for (const { delivery } of plan) {
      const { headers, body } = await delivery.compose(now);
      const { scheme } = delivery.endpoint.includes("github") ? github.webhooks : stripe.webhooks;
      if (delivery.kind === "malformed") continue;
      const verdict = scheme.verify({ headers, body: Buffer.from(body) }, [secretOf(delivery)], now);
      expect([delivery.kind, verdict.ok]).toEqual([delivery.kind, delivery.kind !== "forged" && delivery.kind !== "stale"]);
    }
  });

  test("asks for effects in the words of the flows' events", async () => {
    for (const { type, body } of ofKind("genuine").map(({ event }) => event)) {
      const payload: unknown = JSON.parse(body);
      const reference =
        type === "issues" ? github.events.issues : stripe.events[type === "customer.created" ? "customer.created" : "customer.updated"];
      expect(await reference.schema["~standard"].validate(payload)).not.toHaveProperty("issues");
    }
  });
});
