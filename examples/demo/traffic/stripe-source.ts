import { seedFor, seededRandom } from "@belay/testkit";
import Stripe from "stripe";
import { blockedPrefix, pick } from "./source.ts";
import type { Source, SourceEvent } from "./source.ts";

const firstNames = ["Ada", "Grace", "Edsger", "Barbara", "Alan", "Radia", "Donald", "Frances"];
const lastNames = ["Lovelace", "Hopper", "Dijkstra", "Liskov", "Turing", "Perlman", "Knuth", "Allen"];
const unheardTypes = ["charge.refunded", "payment_intent.succeeded", "payout.paid", "invoice.paid"];

const firstCreated = Date.UTC(2026, 0, 5, 8) / 1_000;

/** Stripe's events about many customers, and of types that no flow listens to. */
export function stripeSource(seed: number, tenant: string, endpoint: string, secret: string): Source {
  const randomFor = (part: string) => seededRandom(seedFor(seed, `stripe/${tenant}/${part}`));
  const event = (id: string, type: string, created: number, object: object): SourceEvent => ({
    id: `evt_${tenant}_${id}`,
    type,
    body: JSON.stringify({
      id: `evt_${tenant}_${id}`,
      object: "event",
      api_version: "2026-01-28",
      created,
      livemode: false,
      pending_webhooks: 1,
      type,
      data: { object },
    }),
  });
  return {
    tenant,
    connector: "stripe",
    endpoint,
    secret,
    event(entity, version, blocked = false) {
      const random = randomFor(`customer/${entity}`);
      const [first, last] = [pick(random, firstNames), pick(random, lastNames)];
      const id = `cus_${tenant}${String(entity).padStart(6, "0")}`;
      const created = firstCreated + entity * 3_600 + version * 60;
      const customer = {
        id,
        object: "customer",
        created: firstCreated + entity * 3_600,
        email: `${first}.${last}.${entity}@customer.example`.toLowerCase(),
        name: `${blocked ? `${blockedPrefix} ` : ""}${first} ${last}`,
        description: `Revision ${version}`,
        metadata: { plan: pick(randomFor(`customer/${entity}/${version}`), ["starter", "team", "business"]) },
      };
      return {
        ...event(`${entity}_${version}`, version === 1 ? "customer.created" : "customer.updated", created, customer),
        effect: { entity: `${tenant}/customers-to-contacts/${id}`, version: created },
      };
    },
    unheard(index) {
      const type = pick(randomFor(`unheard/${index}`), unheardTypes);
      const [object = ""] = type.split(".");
      const amounts = { amount_due: 4_200, amount_paid: 4_200, amount_remaining: 0, currency: "eur" };
      return event(`unheard_${index}`, type, firstCreated + index, {
        id: `${object}_${index}`,
        object,
        created: firstCreated + index,
        ...amounts,
      });
    },
    incomplete: (index) => event(`incomplete_${index}`, "customer.updated", firstCreated + index, { object: "customer" }),
    headers: async ({ body }, signature) => ({
      "content-type": "application/json; charset=utf-8",
      "stripe-signature": Stripe.webhooks.generateTestHeaderString({
        payload: body,
        secret: signature.secret,
        timestamp: Math.floor(signature.at.getTime() / 1_000),
      }),
    }),
  };
}
