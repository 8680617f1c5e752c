import { readFileSync } from "node:fs";
import { Secret, validate } from "@belay/sdk";
import type { Schema } from "@belay/sdk";
import Stripe from "stripe";
import { describe, expect, it } from "vitest";
import { stripe } from "./index.ts";

const { webhooks } = stripe;
const now = new Date("2026-03-01T12:00:00Z");
const timestamp = now.getTime() / 1_000;
const secret = new Secret("whsec_a_test_secret");
const library = new Stripe("sk_test_unused");
const types = Object.keys(webhooks.events) as (keyof typeof webhooks.events)[];

function fixture(type: string): Buffer {
  return readFileSync(new URL(`./fixtures/${type.replace(/[._]/g, "-")}.json`, import.meta.url));
}

async function issuesWith(type: keyof typeof webhooks.events, payload: unknown): Promise<readonly string[]> {
  const result = await validate(webhooks.events[type] as Schema, payload);
  return "issues" in result ? result.issues.map(({ path }) => path) : [];
}

describe.each(types)("%s", (type) => {
  const body = fixture(type);

  it("is valid as Stripe sends it", async () => {
    const result = await validate(webhooks.events[type] as Schema, JSON.parse(body.toString()));
    expect(result).toMatchObject({ value: { type, livemode: false, data: { object: { id: expect.any(String) } } } });
  });

  it("is believed when signed by Stripe's own library, and not when altered", () => {
    const header = library.webhooks.generateTestHeaderString({ payload: body.toString(), secret: secret.reveal(), timestamp });
    const headers = { "stripe-signature": header };
    expect(webhooks.scheme.verify({ headers, body }, [new Secret("whsec_old"), secret], now)).toEqual({ ok: true });
    const altered = Buffer.from(body.toString().replace("evt_Test", "evt_test"));
    expect(webhooks.scheme.verify({ headers, body: altered }, [secret], now)).toEqual({ ok: false, reason: "wrong-signature" });
    const late = new Date(now.getTime() + 301_000);
    expect(webhooks.scheme.verify({ headers, body }, [secret], late)).toEqual({ ok: false, reason: "stale-timestamp" });
  });

  it("is believed by Stripe's own library when signed by us", () => {
    const header = webhooks.scheme.sign(body, secret, now, "")["stripe-signature"] ?? "";
    expect(library.webhooks.constructEvent(body, header, secret.reveal(), 300, undefined, now.getTime()).type).toBe(type);
  });

  it("is no event of another subject", async () => {
    const [subject = ""] = type.split(".");
    const [other = ""] = types.filter((candidate) => !candidate.startsWith(subject));
    expect(await issuesWith(type, JSON.parse(fixture(other).toString()))).toEqual(expect.arrayContaining(["type", "data.object.object"]));
  });
});

describe("payloads", () => {
  it("names the field that is wrong", async () => {
    const payload = JSON.parse(fixture("customer.updated").toString());
    const withObject = (fields: object): unknown => ({ ...payload, data: { object: { ...payload.data.object, ...fields } } });
    expect(await issuesWith("customer.updated", { ...payload, created: "1772366400" })).toEqual(["created"]);
    expect(await issuesWith("customer.updated", { ...payload, created: 1_772_366_400.5 })).toEqual(["created"]);
    expect(await issuesWith("customer.updated", withObject({ email: 7 }))).toEqual(["data.object.email"]);
    expect(await issuesWith("customer.updated", withObject({ object: "invoice" }))).toEqual(["data.object.object"]);
    expect(await issuesWith("customer.updated", "text")).toEqual([""]);
  });

  it("has the time of the event in seconds", async () => {
    const result = await validate(webhooks.events["customer.updated"], JSON.parse(fixture("customer.updated").toString()));
    if ("issues" in result) throw new Error("must be valid");
    expect(new Date(result.value.created * 1_000).toISOString()).toBe("2026-03-01T12:00:00.000Z");
  });

  it("finds id and type in the signed body", () => {
    expect(webhooks.id).toEqual({ body: "id", signed: true });
    expect(webhooks.type).toEqual({ body: "type" });
    expect(stripe.events["customer.created"]).toMatchObject({ connector: "stripe", type: "customer.created" });
  });
});
