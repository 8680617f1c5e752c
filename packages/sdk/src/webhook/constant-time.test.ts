import * as crypto from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Secret } from "../secret.ts";
import { timestampedHmac } from "./timestamped-hmac.ts";

vi.mock("node:crypto", async (importOriginal) => {
  const original = await importOriginal<typeof crypto>();
  return { ...original, timingSafeEqual: vi.fn(original.timingSafeEqual) };
});

const compare = vi.mocked(crypto.timingSafeEqual);
const scheme = timestampedHmac({ header: "Stripe-Signature" });
const now = new Date("2026-03-01T12:00:00Z");
const timestamp = now.getTime() / 1_000;
const body = Buffer.from("{}");
const secrets = [new Secret("first"), new Secret("second"), new Secret("third")];

function signatureBy(secret: string): string {
  return (scheme.sign(body, new Secret(secret), now, "")["stripe-signature"] ?? "").split(",")[1] ?? "";
}

beforeEach(() => void compare.mockClear());

describe("comparing signatures", () => {
  it.each([
    ["the first secret with the first signature", ["first", "x", "y"], true],
    ["the last secret with the last signature", ["x", "y", "third"], true],
    ["nothing", ["x", "y", "z"], false],
  ])("does the same work when %s matches", (_case, signers, ok) => {
    const value = [`t=${timestamp}`, ...signers.map(signatureBy)].join(",");
    expect(scheme.verify({ headers: { "stripe-signature": value }, body }, secrets, now).ok).toBe(ok);
    expect(compare).toHaveBeenCalledTimes(9);
    for (const [right, candidate] of compare.mock.calls) expect(right.byteLength).toBe(candidate.byteLength);
  });

  it("is left by every scheme to the one function that does it", () => {
    const sources = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
    const using = (text: string): string[] =>
      sources.filter((file) => readFileSync(`${import.meta.dirname}/${file}`, "utf8").includes(text)).toSorted();
    const schemes = using("): WebhookScheme {");
    expect(schemes).toEqual(["hmac-signature.ts", "shared-secret.ts", "standard-webhooks.ts", "timestamped-hmac.ts"]);
    expect(using("matchesAnySignature(expected,")).toEqual(schemes);
    expect(using("timingSafeEqual(")).toEqual(["hmac.ts"]);
  });
});
