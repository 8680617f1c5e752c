import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Secret } from "../secret.ts";
import { standardWebhooks } from "./standard-webhooks.ts";

const scheme = standardWebhooks();
const now = new Date("2026-03-01T12:00:00Z");
const timestamp = now.getTime() / 1_000;
const secret = new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
const otherSecret = new Secret(`whsec_${Buffer.alloc(32, 7).toString("base64")}`);
const payload = '{"type":"contact.created","data":{"name":"Zoë"}}';
const body = Buffer.from(payload);
const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);

type Headers = Record<string, string>;
const signed = (by = secret): Headers => scheme.sign(body, by, now, id);
const verdictOn = (headers: Headers, when = now, secrets = [secret]): unknown => scheme.verify({ headers, body }, secrets, when);

const wrong = { ok: false, reason: "wrong-signature" };
const stale = { ok: false, reason: "stale-timestamp" };
const malformed = { ok: false, reason: "malformed-header" };
const missing = { ok: false, reason: "missing-header" };

// The libraries read the process's clock.
beforeAll(() => void vi.useFakeTimers({ now, toFake: ["Date"] }));
afterAll(() => void vi.useRealTimers());

describe.each([
  ["standardwebhooks", StandardWebhook],
  ["svix", SvixWebhook],
])("standardWebhooks against %s", (_name, Library) => {
  const library = new Library(secret.reveal());

  it("believes what the library signs", () => {
    const headers = { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": library.sign(id, now, payload) };
    expect(verdictOn(headers)).toEqual({ ok: true });
  });

  it("signs so that the library believes it", () => {
    expect(() => library.verify(payload, signed())).not.toThrow();
    expect(library.sign(id, now, payload)).toBe(signed()["webhook-signature"]);
  });
});

describe("standardWebhooks", () => {
  it("believes the example of the specification's libraries", () => {
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const request = { headers, body: Buffer.from('{"test": 2432232314}') };
    expect(scheme.verify(request, [secret], new Date(1_614_265_330_000))).toEqual({ ok: true });
  });

  it("believes one right signature among several, and ignores other versions", () => {
    const right = signed()["webhook-signature"] ?? "";
    const other = signed(otherSecret)["webhook-signature"] ?? "";
    for (const signature of [`${right} ${other}`, `${other} ${right}`, `v1a,anything== ${right}`, `${right} v2,x`]) {
      expect(verdictOn({ ...signed(), "webhook-signature": signature }), signature).toEqual({ ok: true });
    }
    expect(verdictOn({ ...signed(), "webhook-signature": other })).toEqual(wrong);
  });

  it("believes any of several secrets, with or without the prefix", () => {
    expect(verdictOn(signed(), now, [otherSecret, secret])).toEqual({ ok: true });
    expect(verdictOn(signed(), now, [new Secret(secret.reveal().slice("whsec_".length))])).toEqual({ ok: true });
    expect(verdictOn(signed(), now, [otherSecret])).toEqual(wrong);
    expect(verdictOn(signed(), now, [])).toEqual(wrong);
  });

  it("neither signs with nor believes a secret that is not base64", () => {
    for (const text of ["", "whsec_", "whsec_not base64!", "whsec_abc", "whsec_===="]) {
      expect(verdictOn(signed(), now, [new Secret(text)])).toEqual(wrong);
      expect(() => scheme.sign(body, new Secret(text), now, id)).toThrow(expect.objectContaining({ code: "SDK_WEBHOOK_SECRET_INVALID" }));
    }
  });

  it("accepts five minutes either way and not a second more", () => {
    for (const seconds of [0, 300, -300]) expect(verdictOn(signed(), at(seconds))).toEqual({ ok: true });
    for (const seconds of [301, -301]) expect(verdictOn(signed(), at(seconds))).toEqual(stale);
  });

  it("signs id and time as well", () => {
    expect(verdictOn({ ...signed(), "webhook-id": "msg_other" })).toEqual(wrong);
    expect(verdictOn({ ...signed(), "webhook-timestamp": String(timestamp + 1) })).toEqual(wrong);
  });

  it("does not let the border between id, time and body be moved", () => {
    // Signed is `msg.1772366400.{"a":1}`; read as id `msg.1772366400` it would need a body that starts with digits.
    const inner = `${timestamp}.{"a":1}`;
    const headers = scheme.sign(Buffer.from(inner), secret, now, "msg");
    const moved = { ...headers, "webhook-id": `msg.${timestamp}` };
    expect(scheme.verify({ headers: moved, body: Buffer.from('{"a":1}') }, [secret], now)).toEqual(malformed);
    expect(() => scheme.sign(body, secret, now, "msg.1")).toThrow(expect.objectContaining({ code: "SDK_WEBHOOK_SCHEME_INVALID" }));
  });

  it("does not believe the same JSON written anew", () => {
    const headers = scheme.sign(Buffer.from('{ "a": 1 }'), secret, now, id);
    expect(scheme.verify({ headers, body: Buffer.from('{ "a": 1 }') }, [secret], now)).toEqual({ ok: true });
    expect(scheme.verify({ headers, body: Buffer.from('{"a":1}') }, [secret], now)).toEqual(wrong);
  });

  it.each(["webhook-id", "webhook-timestamp", "webhook-signature"])("says when %s is missing", (name) => {
    const { [name]: _left, ...rest } = signed();
    expect(verdictOn(rest)).toEqual(missing);
    expect(verdictOn({ ...rest, [name]: "" })).toEqual(missing);
  });

  it("refuses headers that were sent twice or can be read in two ways", () => {
    const right = signed();
    for (const name of Object.keys(right)) {
      expect(verdictOn({ ...right, [name]: `${right[name]}, ${right[name]}` }), name).toEqual(malformed);
    }
    const signature = right["webhook-signature"] ?? "";
    for (const value of [
      "v1",
      "v1,",
      "v1,notbase64",
      signature.replace(",", "="),
      signature.slice(3),
      `${signature} `,
      `${signature},`,
      `${signature} v1,short`,
    ]) {
      expect(verdictOn({ ...right, "webhook-signature": value }), value).toEqual(malformed);
    }
  });

  it("reads the headers of Svix when told so", () => {
    const svix = standardWebhooks({ headerPrefix: "svix-" });
    const headers = svix.sign(body, secret, now, id);
    expect(Object.keys(headers)).toEqual(["svix-id", "svix-timestamp", "svix-signature"]);
    expect(svix.verify({ headers, body }, [secret], now)).toEqual({ ok: true });
    expect(() => new SvixWebhook(secret.reveal()).verify(payload, headers)).not.toThrow();
  });
});
