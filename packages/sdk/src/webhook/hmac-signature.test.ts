import { sign as octokitSign, verify as octokitVerify } from "@octokit/webhooks-methods";
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Secret } from "../secret.ts";
import { hmacSignature } from "./hmac-signature.ts";

const now = new Date("2026-03-01T12:00:00Z");
const secret = new Secret("It's a Secret to Everybody");
const body = Buffer.from('{"action":"opened","title":"Größe – 日本語"}');
const github = hmacSignature({ header: "X-Hub-Signature-256", prefix: "sha256=" });
const wrong = { ok: false, reason: "wrong-signature" };
const malformed = { ok: false, reason: "malformed-header" };

describe("hmacSignature as GitHub signs", () => {
  it("believes what GitHub's own library signs", async () => {
    const signature = await octokitSign(secret.reveal(), body.toString());
    expect(github.verify({ headers: { "x-hub-signature-256": signature }, body }, [secret], now)).toEqual({ ok: true });
  });

  it("signs so that GitHub's own library believes it", async () => {
    const signature = github.sign(body, secret, now, "id")["x-hub-signature-256"];
    expect(await octokitVerify(secret.reveal(), body.toString(), signature ?? "")).toBe(true);
  });

  it("believes the example of GitHub's documentation", () => {
    // @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const headers = { "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17" };
    expect(github.verify({ headers, body: Buffer.from("Hello, World!") }, [secret], now)).toEqual({ ok: true });
  });

  it("believes any of several secrets, and none when there is none", () => {
    const headers = github.sign(body, secret, now, "id");
    expect(github.verify({ headers, body }, [new Secret("old"), secret], now)).toEqual({ ok: true });
    expect(github.verify({ headers, body }, [secret, new Secret("new")], now)).toEqual({ ok: true });
    expect(github.verify({ headers, body }, [new Secret("old"), new Secret("new")], now)).toEqual(wrong);
    expect(github.verify({ headers, body }, [], now)).toEqual(wrong);
  });

  it("never believes an empty secret, with which anybody could sign", () => {
    const headers = { "x-hub-signature-256": `sha256=${createHmac("sha256", "").update(body).digest("hex")}` };
    expect(github.verify({ headers, body }, [new Secret("")], now)).toEqual(wrong);
    expect(() => github.sign(body, new Secret(""), now, "id")).toThrow(expect.objectContaining({ code: "SDK_WEBHOOK_SECRET_INVALID" }));
  });

  it("signs the bytes that came, not the same JSON written anew", () => {
    const spaced = Buffer.from('{ "action": "opened" }');
    const headers = github.sign(spaced, secret, now, "id");
    const written = Buffer.from(JSON.stringify(JSON.parse(spaced.toString())));
    expect(github.verify({ headers, body: spaced }, [secret], now)).toEqual({ ok: true });
    expect(github.verify({ headers, body: written }, [secret], now)).toEqual(wrong);
  });

  it("tells apart bodies that are not UTF-8 and would decode to the same text", () => {
    const headers = github.sign(Uint8Array.of(0x22, 0xff, 0x22), secret, now, "id");
    expect(github.verify({ headers, body: Uint8Array.of(0x22, 0xff, 0x22) }, [secret], now)).toEqual({ ok: true });
    expect(github.verify({ headers, body: Uint8Array.of(0x22, 0xfe, 0x22) }, [secret], now)).toEqual(wrong);
  });

  it("says when the header is missing or empty", () => {
    const missing = { ok: false, reason: "missing-header" };
    expect(github.verify({ headers: {}, body }, [secret], now)).toEqual(missing);
    expect(github.verify({ headers: { "x-hub-signature-256": "" }, body }, [secret], now)).toEqual(missing);
    expect(github.verify({ headers: { "x-hub-signature": "sha1=00" }, body }, [secret], now)).toEqual(missing);
  });

  it("refuses every other way of writing the right signature", () => {
    const right = github.sign(body, secret, now, "id")["x-hub-signature-256"] ?? "";
    const digest = right.slice("sha256=".length);
    const others = [
      digest,
      `sha1=${digest}`,
      `SHA256=${digest}`,
      `sha256=${digest.toUpperCase()}`,
      `${right} `,
      ` ${right}`,
      `${right}, ${right}`,
      `${right}00`,
    ];
    for (const value of [...others, right.slice(0, -1), `sha256=${Buffer.from(digest, "hex").toString("base64")}`, "sha256="]) {
      expect(github.verify({ headers: { "x-hub-signature-256": value }, body }, [secret], now), value).toEqual(malformed);
    }
  });
});

describe("hmacSignature as data", () => {
  const slack = hmacSignature({
    header: "X-Slack-Signature",
    prefix: "v0=",
    signed: [{ text: "v0:" }, "timestamp", { text: ":" }, "body"],
    timestamp: { header: "X-Slack-Request-Timestamp" },
  });

  it("believes the example of Slack's documentation", () => {
    // @see https://docs.slack.dev/authentication/verifying-requests-from-slack
    const example = Buffer.from(
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
        "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com" +
        "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    );
    const headers = {
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
      "x-slack-request-timestamp": "1531420618",
    };
    const sentAt = new Date(1_531_420_618_000);
    expect(slack.verify({ headers, body: example }, [new Secret("8f742231b10e8888abcd99yyyzzz85a5")], sentAt)).toEqual({ ok: true });
  });

  it("refuses a signed time that is stale, in the future or exchanged", () => {
    const headers = slack.sign(body, secret, now, "id");
    const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);
    const stale = { ok: false, reason: "stale-timestamp" };
    expect(slack.verify({ headers, body }, [secret], at(300))).toEqual({ ok: true });
    expect(slack.verify({ headers, body }, [secret], at(301))).toEqual(stale);
    expect(slack.verify({ headers, body }, [secret], at(-301))).toEqual(stale);
    const later = String(Math.floor(at(1).getTime() / 1_000));
    expect(slack.verify({ headers: { ...headers, "x-slack-request-timestamp": later }, body }, [secret], now)).toEqual(wrong);
    expect(slack.verify({ headers: { ...headers, "x-slack-request-timestamp": "soon" }, body }, [secret], now)).toEqual(malformed);
  });

  it.each(["sha1", "sha256", "sha512"] as const)("reads what it wrote with %s in hex and base64", (algorithm) => {
    for (const encoding of ["hex", "base64"] as const) {
      const scheme = hmacSignature({ header: "X-Signature", algorithm, encoding });
      expect(scheme.verify({ headers: scheme.sign(body, secret, now, "id"), body }, [secret], now)).toEqual({ ok: true });
    }
  });

  it("refuses declarations that would leave something unsigned", () => {
    const invalid = expect.objectContaining({ code: "SDK_WEBHOOK_SCHEME_INVALID" });
    expect(() => hmacSignature({ header: "not a header" })).toThrow(invalid);
    expect(() => hmacSignature({ header: "x", signed: ["timestamp"], timestamp: { header: "t" } })).toThrow(invalid);
    expect(() => hmacSignature({ header: "x", signed: ["timestamp", "body"] })).toThrow(invalid);
    expect(() => hmacSignature({ header: "x", timestamp: { header: "t" } })).toThrow(invalid);
    expect(() =>
      hmacSignature({ header: "x", signed: ["timestamp", "body"], timestamp: { header: "t", toleranceSeconds: Number.NaN } }),
    ).toThrow(invalid);
  });
});
