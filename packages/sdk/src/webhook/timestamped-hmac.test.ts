import Stripe from "stripe";
import { describe, expect, it } from "vitest";
import { Secret } from "../secret.ts";
import { timestampedHmac } from "./timestamped-hmac.ts";

const stripe = new Stripe("sk_test_unused");
const scheme = timestampedHmac({ header: "Stripe-Signature" });
const now = new Date("2026-03-01T12:00:00Z");
const timestamp = now.getTime() / 1_000;
const secret = new Secret("whsec_a_test_secret");
const payload = '{"id":"evt_1","object":"event","type":"customer.created"}';
const body = Buffer.from(payload);
const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);

function header(options: { secret?: string; timestamp?: number; scheme?: string } = {}): string {
  return stripe.webhooks.generateTestHeaderString({ payload, secret: secret.reveal(), timestamp, ...options });
}

function verdictOn(value: string | undefined, when = now, secrets = [secret]): unknown {
  return scheme.verify({ headers: { "stripe-signature": value }, body }, secrets, when);
}

const wrong = { ok: false, reason: "wrong-signature" };
const stale = { ok: false, reason: "stale-timestamp" };
const malformed = { ok: false, reason: "malformed-header" };

describe("timestampedHmac as Stripe signs", () => {
  it("believes what Stripe's own library signs", () => {
    expect(verdictOn(header())).toEqual({ ok: true });
  });

  it("signs so that Stripe's own library believes it", () => {
    const value = scheme.sign(body, secret, now, "evt_1")["stripe-signature"] ?? "";
    expect(stripe.webhooks.constructEvent(body, value, secret.reveal(), 300, undefined, now.getTime()).id).toBe("evt_1");
  });

  it("believes one right signature among several, wherever it stands", () => {
    const [, right = ""] = header().split(",");
    const [, other = ""] = header({ secret: "whsec_other" }).split(",");
    expect(verdictOn(`t=${timestamp},${right},${other}`)).toEqual({ ok: true });
    expect(verdictOn(`t=${timestamp},${other},${right}`)).toEqual({ ok: true });
    expect(verdictOn(`${right},t=${timestamp}`)).toEqual({ ok: true });
    expect(verdictOn(`t=${timestamp},${other}`)).toEqual(wrong);
  });

  it("believes any of several secrets", () => {
    expect(verdictOn(header(), now, [new Secret("whsec_old"), secret])).toEqual({ ok: true });
    expect(verdictOn(header({ secret: "whsec_wrong" }), now, [new Secret("whsec_old"), secret])).toEqual(wrong);
    expect(verdictOn(header(), now, [])).toEqual(wrong);
  });

  it("ignores signatures of other versions, so that a weaker one cannot stand in", () => {
    expect(verdictOn(header({ scheme: "v0" }))).toEqual(malformed);
    const [, right = ""] = header().split(",");
    expect(verdictOn(`t=${timestamp},v0=anything,${right}`)).toEqual({ ok: true });
  });

  it("accepts five minutes either way and not a second more", () => {
    for (const seconds of [0, 300, -300]) expect(verdictOn(header(), at(seconds))).toEqual({ ok: true });
    for (const seconds of [301, -301, 86_400, -86_400]) expect(verdictOn(header(), at(seconds))).toEqual(stale);
    expect(verdictOn(header(), new Date(Number.NaN))).toEqual(stale);
  });

  it("does not believe a fresh time with an old signature", () => {
    const [, old = ""] = header({ timestamp: timestamp - 3_600 }).split(",");
    expect(verdictOn(`t=${timestamp},${old}`)).toEqual(wrong);
  });

  it("does not believe the same JSON written anew", () => {
    const spaced = Buffer.from('{ "id": "evt_1" }');
    const headers = scheme.sign(spaced, secret, now, "evt_1");
    expect(scheme.verify({ headers, body: spaced }, [secret], now)).toEqual({ ok: true });
    expect(scheme.verify({ headers, body: Buffer.from('{"id":"evt_1"}') }, [secret], now)).toEqual(wrong);
  });

  it("does not let the border between time and body be moved", () => {
    const moved = Buffer.from(`${timestamp}.${payload}`);
    const [, signature = ""] = header().split(",");
    expect(scheme.verify({ headers: { "stripe-signature": `t=1,${signature}` }, body: moved }, [secret], new Date(1_000))).toEqual(wrong);
  });

  it("says when the header is missing", () => {
    for (const value of [undefined, ""]) expect(verdictOn(value)).toEqual({ ok: false, reason: "missing-header" });
  });

  it("refuses headers that can be read in two ways", () => {
    const right = header();
    const [time, signature = ""] = right.split(",");
    const others = [
      `${right}, ${right}`,
      `${right},t=${timestamp + 1}`,
      `${time}`,
      signature,
      `${time};${signature}`,
      `${right},`,
      `t=,${signature}`,
    ];
    for (const value of [
      ...others,
      `t=0${timestamp},${signature}`,
      `t=-${timestamp},${signature}`,
      `t=${timestamp}.5,${signature}`,
      `t=1e9,${signature}`,
    ]) {
      expect(verdictOn(value), value).toEqual(malformed);
    }
    expect(verdictOn(`${right},v1=short`)).toEqual(malformed);
    expect(verdictOn(`${time},v1=${signature.slice(3).toUpperCase()}`)).toEqual(malformed);
  });
});
