import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Secret, validate } from "@belay/sdk";
import type { Schema } from "@belay/sdk";
import { sign } from "@octokit/webhooks-methods";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { github } from "./index.ts";

const { webhooks } = github;
const events: Readonly<Record<string, Schema>> = webhooks.events;
const now = new Date("2026-03-01T12:00:00Z");
const secret = new Secret("It's a Secret to Everybody");

const examplesOf = z.array(z.object({ name: z.string(), examples: z.array(z.record(z.string(), z.unknown())) }));
const { resolve } = createRequire(import.meta.url);

/** GitHub's payloads, from github.com or from a release of GitHub Enterprise Server. */
function examples(source: string): { name: string; payload: Record<string, unknown> }[] {
  const text = readFileSync(resolve(`@octokit/webhooks-examples/${source}/index.json`), "utf8");
  return examplesOf.parse(JSON.parse(text)).flatMap(({ name, examples: payloads }) => payloads.map((payload) => ({ name, payload })));
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url));
}

async function issuesWith(type: keyof typeof webhooks.events, payload: unknown): Promise<readonly string[]> {
  const result = await validate(events[type] as Schema, payload);
  return "issues" in result ? result.issues.map(({ path }) => path) : [];
}

describe("payloads", () => {
  const all = examples("api.github.com");
  const declared = all.filter(({ name }) => name in events);

  it("covers every declared event by true payloads", () => {
    expect(all).toHaveLength(329);
    expect(new Set(declared.map(({ name }) => name))).toEqual(new Set(Object.keys(events)));
    expect(declared).toHaveLength(78);
  });

  it("accepts every true payload of the declared events", async () => {
    for (const { name, payload } of declared) {
      const result = await validate(events[name] as Schema, payload);
      expect(result, `${name} ${String(payload["action"])}`).not.toHaveProperty("issues");
    }
  });

  it.each(["ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"])("accepts those of Enterprise Server %s", async (source) => {
    const served = examples(source).filter(({ name }) => name in events);
    expect(served.length).toBeGreaterThan(0);
    for (const { name, payload } of served) {
      expect(await validate(events[name] as Schema, payload), `${name} ${String(payload["action"])}`).not.toHaveProperty("issues");
    }
  });

  it("keeps what flows use and drops the rest", async () => {
    const result = await validate(webhooks.events.issues, JSON.parse(fixture("issues-opened").toString()));
    if ("issues" in result) throw new Error("must be valid");
    expect(result.value.issue).toMatchObject({ id: 444500041, number: 1, updated_at: "2026-03-01T12:00:00Z", labels: [{ name: "bug" }] });
    expect(result.value.repository).not.toHaveProperty("default_branch");
  });

  it("names the field that is wrong", async () => {
    const payload = JSON.parse(fixture("issues-opened").toString());
    expect(await issuesWith("issues", { ...payload, issue: { ...payload.issue, id: "444500041" } })).toEqual(["issue.id"]);
    expect(await issuesWith("issues", { ...payload, issue: { ...payload.issue, labels: [{ id: 1 }] } })).toEqual(["issue.labels.0.name"]);
    expect(await issuesWith("issues", { ...payload, repository: undefined })).toEqual(["repository"]);
    expect(await issuesWith("issues", JSON.parse(fixture("ping").toString()))).toEqual(["action", "issue"]);
    expect(await issuesWith("push", payload)).toContain("ref");
    expect(await issuesWith("ping", null)).toEqual([""]);
  });
});

describe("webhooks", () => {
  it("believes a delivery signed by GitHub's own library, and not an altered one", async () => {
    const body = fixture("issues-opened");
    const headers = {
      "x-hub-signature-256": await sign(secret.reveal(), body.toString()),
      "x-github-event": "issues",
      "x-github-delivery": "72d3162e",
    };
    expect(webhooks.scheme.verify({ headers, body }, [new Secret("old"), secret], now)).toEqual({ ok: true });
    const altered = Buffer.from(body.toString().replace("444500041", "444500042"));
    expect(webhooks.scheme.verify({ headers, body: altered }, [secret], now)).toEqual({ ok: false, reason: "wrong-signature" });
    const legacy = { "x-hub-signature": headers["x-hub-signature-256"] };
    expect(webhooks.scheme.verify({ headers: legacy, body }, [secret], now)).toEqual({ ok: false, reason: "missing-header" });
  });

  it("finds id and type in headers, of which the signature covers none", () => {
    expect(webhooks.id).toEqual({ header: "x-github-delivery", signed: false });
    expect(webhooks.type).toEqual({ header: "x-github-event" });
    expect(webhooks.maxBytes).toBe(26_214_400);
  });

  it("refers to its events by type", () => {
    expect(github.events.issue_comment).toMatchObject({ connector: "github", type: "issue_comment" });
  });
});
