import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../secret.ts";
import { hmacSignature } from "./hmac-signature.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { timestampedHmac } from "./timestamped-hmac.ts";

const now = new Date("2026-03-01T12:00:00Z");
const secrets = [
  new Secret(`whsec_${Buffer.alloc(24, 1).toString("base64")}`),
  new Secret(`whsec_${Buffer.alloc(24, 2).toString("base64")}`),
];
const second = secrets[1] as Secret;
const id = "msg_1";

const schemes = [
  ["hmacSignature", hmacSignature({ header: "X-Hub-Signature-256", prefix: "sha256=" })],
  [
    "hmacSignature in base64 with time",
    hmacSignature({ header: "X-S", encoding: "base64", signed: ["timestamp", "body"], timestamp: { header: "X-T" } }),
  ],
  ["timestampedHmac", timestampedHmac({ header: "Stripe-Signature" })],
  ["standardWebhooks", standardWebhooks()],
] as const;

const anyBody = fc.uint8Array({ minLength: 1, maxLength: 400 });
const anyFlip = fc.integer({ min: 1, max: 255 });
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: fc.constantFrom("t", "=", "v", "1", ",", " ", "s", "2", "5", "6", ".", "é", "\u0161", "\0", "\ud800"), maxLength: 60 }),
  fc.constantFrom("x".repeat(100_000), "t=1,".repeat(20_000), "v1, ".repeat(20_000), "=".repeat(4_096), "t=Infinity,v1=NaN", "__proto__"),
);

describe.each(schemes)("%s", (_name, scheme) => {
  it("believes what it signed itself, whatever the bytes", () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        expect(scheme.verify({ headers: scheme.sign(body, second, now, id), body }, secrets, now)).toEqual({ ok: true });
      }),
    );
  });

  it("notices any one changed byte of the body", () => {
    fc.assert(
      fc.property(anyBody, fc.nat(), anyFlip, (body, position, flip) => {
        const headers = scheme.sign(body, second, now, id);
        const index = position % body.length;
        const changed = body.map((byte, at) => (at === index ? byte ^ flip : byte));
        expect(scheme.verify({ headers, body: changed }, secrets, now)).toEqual({ ok: false, reason: "wrong-signature" });
      }),
    );
  });

  it("notices a byte that was added or cut off", () => {
    fc.assert(
      fc.property(anyBody, fc.nat(255), (body, extra) => {
        const headers = scheme.sign(body, second, now, id);
        const wrong = { ok: false, reason: "wrong-signature" };
        expect(scheme.verify({ headers, body: Uint8Array.of(...body, extra) }, secrets, now)).toEqual(wrong);
        expect(scheme.verify({ headers, body: body.subarray(0, -1) }, secrets, now)).toEqual(wrong);
      }),
    );
  });

  it("notices any one changed character of any header", () => {
    fc.assert(
      fc.property(anyBody, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 127 }), (body, which, position, flip) => {
        const headers = scheme.sign(body, second, now, id);
        const names = Object.keys(headers);
        const name = names[which % names.length] as string;
        const value = headers[name] as string;
        const index = position % value.length;
        const changed = value.slice(0, index) + String.fromCharCode(value.charCodeAt(index) ^ flip) + value.slice(index + 1);
        expect(scheme.verify({ headers: { ...headers, [name]: changed }, body }, secrets, now).ok).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it("answers with a reason and never throws, whatever stands in the headers", () => {
    const names = Object.keys(scheme.sign(Uint8Array.of(1), second, now, id));
    fc.assert(
      fc.property(
        fc.array(fc.option(anyText, { nil: undefined }), { minLength: names.length, maxLength: names.length }),
        anyBody,
        (values, body) => {
          const headers = Object.fromEntries(names.map((name, index) => [name, values[index]]));
          const verdict = scheme.verify({ headers, body }, secrets, now);
          expect(verdict.ok).toBe(false);
          const reason = verdict.ok || verdict.reason === "wrong-signature" ? undefined : verdict.reason;
          expect(scheme.refuse?.(headers, now)).toBe(reason);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("refuses no headers that it signed, as long as their time holds", () => {
    const headers = scheme.sign(Uint8Array.of(1), second, now, id);
    const later = new Date(now.getTime() + 3_600_000);
    const verdict = scheme.verify({ headers, body: Uint8Array.of(1) }, secrets, later);
    expect([scheme.refuse?.(headers, now), scheme.refuse?.(headers, later)]).toEqual([undefined, verdict.ok ? undefined : verdict.reason]);
  });

  it("survives an array where a server hands out repeated headers as one", () => {
    const headers = Object.fromEntries(
      Object.entries(scheme.sign(Uint8Array.of(1), second, now, id)).map(([name, value]) => [name, [value]]),
    );
    expect(scheme.verify({ headers: headers as never, body: Uint8Array.of(1) }, secrets, now)).toEqual({
      ok: false,
      reason: "missing-header",
    });
  });
});
