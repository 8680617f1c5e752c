import { expect, test } from "vitest";
import { Secret } from "../secret.ts";
import { sharedSecret } from "./index.ts";

const scheme = sharedSecret({ header: "X-Parse-Webhook-Key" });
const body = Buffer.from("{}");
const now = new Date(0);
const verdictOn = (key: string | undefined, ...secrets: string[]): unknown =>
  scheme.verify(
    { headers: { "x-parse-webhook-key": key }, body },
    secrets.map((secret) => new Secret(secret)),
    now,
  );

test("the secret itself is believed, the next one as well while it is rotated", () => {
  expect(verdictOn("key-1", "key-1")).toEqual({ ok: true });
  expect(verdictOn("key-2", "key-1", "key-2")).toEqual({ ok: true });
  expect(scheme.sign(body, new Secret("key-1"), now, "")).toEqual({ "x-parse-webhook-key": "key-1" });
});

test.each(["key-2", "key-", "key-11", "KEY-1"])("%s is not believed for key-1", (key) => {
  expect(verdictOn(key, "key-1")).toEqual({ ok: false, reason: "wrong-signature" });
});

test("nothing is believed without a header, or without a secret", () => {
  expect(verdictOn(undefined, "key-1")).toEqual({ ok: false, reason: "missing-header" });
  expect(verdictOn("", "")).toEqual({ ok: false, reason: "missing-header" });
  expect(verdictOn("x", "")).toEqual({ ok: false, reason: "wrong-signature" });
  expect(scheme.refuse?.({}, now)).toBe("missing-header");
  expect(scheme.refuse?.({ "x-parse-webhook-key": "any" }, now)).toBeUndefined();
});
